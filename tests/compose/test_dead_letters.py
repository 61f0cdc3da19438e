"""`fruitstore dead-letters`, on the real RabbitMQ: looking loses nothing, sending again does no harm."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import AMQPError
from typer.testing import CliRunner, Result

from compose.cli import app
from schema import channels
from schema.projection import project
from services.chassis import dead_letters, mongo, topology
from services.chassis.bus import Bus
from services.chassis.letter import Letter
from services.mypage.app import build
from services.mypage.settings import MypageSettings
from tests import facts
from tests.compose.ops.interrupting import COMMAND
from tests.conftest import NOWHERE, Place
from tests.services.chassis.hearing import Hearer, looking, on, settings, waiting_in
from tests.services.serving import ready, serving
from tests.waiting import until

Command = Callable[..., Awaitable[Result]]


@pytest.fixture
async def channel(rabbitmq_url: str) -> AsyncIterator[AbstractChannel]:
    """A broker with everything on it, and a channel to it."""
    async with looking(rabbitmq_url) as channel:
        await topology.declare(channel)
        yield channel


@pytest.fixture
def command(rabbitmq_url: str) -> Command:
    async def run(*arguments: str, **options: Any) -> Result:
        where = {"env": {"RABBITMQ_URL": rabbitmq_url}} | options
        return await asyncio.to_thread(_invoke, arguments, where)

    return run


def _invoke(arguments: tuple[str, ...], options: dict[str, Any]) -> Result:
    return CliRunner().invoke(app, ["dead-letters", *arguments], **options)


async def set_aside(
    channel: AbstractChannel, hearer: str, *bodies: bytes, reason: str = channels.FAILED
) -> None:
    """As a service does it."""
    exchange = await channel.get_exchange(channels.DEAD)
    headers: dict[str, Any] = {
        channels.REASON_HEADER: reason,
        channels.EXCEPTION_HEADER: "ZeroDivisionError: by zero",
        channels.TRIES_HEADER: 4,
        channels.RETRIES_HEADER: 3,
        "ce-id": "kept",
    }
    for number, body in enumerate(bodies):
        when = {channels.SET_ASIDE_HEADER: facts.after(number).isoformat()}
        message = aio_pika.Message(body, headers=headers | when, message_id="m", delivery_mode=2)
        await exchange.publish(message, hearer)


async def listed(command: Command, *arguments: str) -> Any:
    result = await command("list", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def ids(command: Command) -> list[str]:
    return [letter["id"] for letter in (await listed(command))["letters"]]


async def test_where_there_are_none_that_is_said(command: Command) -> None:
    assert (await command("list")).output == "There are no dead letters.\n"
    assert await listed(command) == {"counts": {}, "letters": []}
    assert (await command("redrive", "--all")).output == "Sent again: 0 dead letters.\n"


async def test_they_are_listed_and_counted_and_stay_however_often_one_looks(
    command: Command, channel: AbstractChannel, rabbitmq_url: str
) -> None:
    await set_aside(channel, "order", b"one", b"two")
    await set_aside(channel, "mypage", b"{", reason=channels.MALFORMED)
    first = await listed(command)
    assert first["counts"] == {"order": {"failed": 2}, "mypage": {"malformed": 1}}
    assert [letter["body"] for letter in first["letters"]] == ["one", "two", "{"]
    for _ in range(25):
        await _look(rabbitmq_url)
    await until(lambda: _is(2, channel, channels.dead_letter_queue_name("order")))
    assert await listed(command) == first
    assert (await listed(command, "--hearer", "mypage"))["counts"] == {"mypage": {"malformed": 1}}
    table = (await command("list")).output
    assert all(letter["id"] in table for letter in first["letters"])
    assert table.endswith("order: 2 failed\nmypage: 1 malformed\n")


async def _look(url: str) -> None:
    """And let go without a word."""
    async with looking(url) as channel:
        queue = await channel.get_queue(channels.dead_letter_queue_name("order"))
        await until(lambda: queue.get(fail=False))


async def test_who_is_ended_while_looking_takes_nothing_along(
    command: Command, channel: AbstractChannel, rabbitmq_url: str
) -> None:
    await set_aside(channel, "order", b"one", b"two")
    before = await ids(command)
    connection = await aio_pika.connect(rabbitmq_url)
    async with dead_letters._opened(connection, "order") as (_, queue, count):
        await anext(dead_letters._taken_out(queue, count))
        assert await waiting_in(channel, channels.dead_letter_queue_name("order")) == 1
        await connection.close()
    await until(lambda: _is(2, channel, channels.dead_letter_queue_name("order")))
    assert await ids(command) == before


async def test_one_is_shown_in_full(command: Command, channel: AbstractChannel) -> None:
    await set_aside(channel, "order", facts.approved().model_dump_json().encode())
    (letter,) = await ids(command)
    said = (await command("show", letter)).output
    assert "exception: ZeroDivisionError: by zero\n" in said
    assert '"address": "서울 1"' in said


async def test_what_the_broker_set_aside_itself_tells_why(command: Command, channel: AbstractChannel) -> None:
    message = aio_pika.Message(b"one", message_id="m", delivery_mode=2)
    await channel.default_exchange.publish(message, channels.queue_name("order"))
    queue = await channel.get_queue(channels.queue_name("order"))
    got = await until(lambda: queue.get(fail=False))
    await got.reject()
    await until(lambda: ids(command))
    (letter,) = (await listed(command))["letters"]
    assert (letter["reason"], letter["message_id"], letter["origin"]["queue"]) == (
        "rejected",
        "m",
        "order.facts.v1",
    )
    assert letter["set_aside"]


async def test_one_is_sent_again_as_if_it_had_never_failed_and_the_others_stay(
    command: Command, channel: AbstractChannel
) -> None:
    await set_aside(channel, "order", b"one", b"two", b"three")
    one, two, three = await ids(command)
    result = await command("redrive", two)
    assert result.output == "Sent again: 1 dead letter (order 1).\n"
    assert await ids(command) == [one, three]
    queue = await channel.get_queue(channels.queue_name("order"))
    message = await queue.get()
    assert message is not None
    assert (message.body, message.headers) == (b"two", {"ce-id": "kept", "x-delivery-count": 0})
    assert await waiting_in(channel, channels.queue_name("mypage")) == 0


async def test_what_fails_again_is_a_new_letter_and_is_sent_once(
    command: Command, channel: AbstractChannel, rabbitmq_url: str
) -> None:
    bus = Bus(settings(rabbitmq_url))
    bus.hear("order", Hearer())
    async with on(bus):
        await set_aside(channel, "order", *(b"{%d" % n for n in range(150)), reason=channels.MALFORMED)
        before = await ids(command)
        assert (await command("redrive", "--all")).output == "Sent again: 150 dead letters (order 150).\n"
        await until(lambda: _is(150, channel, channels.dead_letter_queue_name("order")))
        assert not set(before) & set(await ids(command))


async def test_a_thousand_letters_delivered_twice_leave_what_each_once_would_have(
    command: Command, channel: AbstractChannel, place: Place, mongo_client: mongo.Client
) -> None:
    stories = [(facts.placed(f"order-{n}"), facts.approved(f"order-{n}")) for n in range(250)]
    bodies = [fact.model_dump_json().encode() for story in stories for fact in story]
    await set_aside(channel, "mypage", *bodies, *bodies)
    async with serving(build(place.settings(MypageSettings))) as client:
        await until(ready(client))
        dependency = (await client.get("/readyz")).json()["dependencies"]["rabbitmq"]
        assert dependency["ok"]
        await until(lambda: _says(client, 1000))
        result = await command("redrive", "--all", "--hearer", "mypage")
        assert result.output == "Sent again: 1000 dead letters (mypage 1000).\n"
        pages = mongo_client[f"{place.prefix}_mypage"]["orders"]
        await until(lambda: _have_all(pages), timeout=30)
        await until(lambda: _is(0, channel, channels.queue_name("mypage")), timeout=30)
        await until(lambda: _says(client, 0))
    for story in stories:
        page = await pages.find_one({"_id": story[0].order_id})
        view = project(story)
        assert page is not None
        assert view is not None
        assert (page["version"], page["status"], len(page["facts"])) == (view.version, view.status, 2)


async def _have_all(pages: mongo.Collection) -> bool:
    return await pages.count_documents({"version": 2}) == 250


async def _says(client: Any, letters: int) -> bool:
    report = (await client.get("/readyz")).json()["dependencies"]["rabbitmq"]
    numbers = (await client.get("/metrics")).text
    return bool(report.get("dead_letters_waiting") == letters and f"waiting {letters:.1f}" in numbers)


async def test_nothing_is_taken_out_that_could_not_be_sent(
    command: Command, channel: AbstractChannel
) -> None:
    await set_aside(channel, "order", b"one", b"two")
    await channel.queue_delete(channels.queue_name("order"))
    result = await command("redrive", "--all")
    assert (result.exit_code, result.output) == (
        1,
        "fruitstore: There is no queue order.facts.v1 to send to: start order, and try again.\n",
    )
    await until(lambda: _is(2, channel, channels.dead_letter_queue_name("order")))


async def test_nothing_is_thrown_away_without_a_yes(command: Command, channel: AbstractChannel) -> None:
    await set_aside(channel, "order", b"one", b"two")
    one, two = await ids(command)
    result = await command("discard", one, input="n\n")
    assert result.exit_code == 1
    assert "Throw away 1 dead letter (order 1), for good?" in result.output
    assert await ids(command) == [one, two]
    assert "Thrown away: 1 dead letter (order 1)." in (await command("discard", one, input="y\n")).output
    assert await ids(command) == [two]
    assert (await command("discard", "--all", "--yes")).exit_code == 0
    assert await ids(command) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "nonsense"), "There is no dead letter nonsense: see fruitstore dead-letters list."),
        (("redrive", "nonsense"), "There is no dead letter nonsense: see fruitstore dead-letters list."),
        (("redrive",), "Say which: the ID of one, as fruitstore dead-letters list shows it, or --all."),
        (
            ("discard", "x", "--all"),
            "Say which: the ID of one, as fruitstore dead-letters list shows it, or --all.",
        ),
        (
            ("list", "--hearer", "fridge"),
            "Nobody called fridge hears facts: say one of order, payment, delivery,",
        ),
    ],
)
async def test_trouble_is_one_sentence(arguments: tuple[str, ...], said: str, command: Command) -> None:
    result = await command(*arguments)
    assert result.exit_code == 1
    assert result.output.startswith(f"fruitstore: {said}")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("url", [f"amqp://fruit:s3cret@{NOWHERE}/", None], ids=["no answer", "nobody knows"])
async def test_no_broker_is_one_sentence(url: str | None, command: Command, tmp_path: Path) -> None:
    result = await command("list", "--directory", str(tmp_path), env={"RABBITMQ_URL": url or ""})
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "s3cret" not in result.output
    assert ("does not answer" if url else "No stack is running") in result.output


HOSTILE = "close[/nothing] [red]x[/red] \x1b[2J\x9b2J\x00 \u202e"
SHOWN = r"close[/nothing] [red]x[/red] \x1b[2J\x9b2J\x00 \u202e"


async def test_what_others_wrote_is_shown_as_it_is_and_rules_no_terminal(
    command: Command, channel: AbstractChannel
) -> None:
    headers: dict[str, Any] = {
        channels.REASON_HEADER: HOSTILE,
        channels.EXCEPTION_HEADER: HOSTILE,
        channels.SET_ASIDE_HEADER: facts.after(0).isoformat(),
    }
    exchange = await channel.get_exchange(channels.DEAD)
    for body in (HOSTILE.encode(), b'"\\ud800 \xc2\x9b"', b"[" * 100_000):
        await exchange.publish(aio_pika.Message(body, headers=headers, message_id=HOSTILE), "order")
    table = await command("list")
    assert table.exit_code == 0, table.output
    assert table.stdout.count(SHOWN) == 10
    for letter in await ids(command):
        assert letter in table.stdout
        shown = await command("show", letter)
        assert shown.exit_code == 0, shown.output
        assert SHOWN in shown.stdout
        assert (table.stdout + shown.stdout).replace("\n", "").isprintable()


async def test_whoever_comes_while_somebody_looks_is_told_so_and_sees_no_part_for_all(
    command: Command, channel: AbstractChannel, rabbitmq_url: str
) -> None:
    await set_aside(channel, "order", b"one", b"two")
    async with looking(rabbitmq_url) as others:
        await others.declare_queue(dead_letters.IN_USE, exclusive=True, auto_delete=True)
        for arguments in (("list",), ("redrive", "--all"), ("discard", "--all", "--yes")):
            result = await command(*arguments)
            assert (result.exit_code, result.output) == (
                1,
                "fruitstore: Somebody else is at the dead letters: try again in a moment.\n",
            )
    assert len(await ids(command)) == 2


async def test_while_one_looks_nobody_else_does(
    command: Command, channel: AbstractChannel, rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_aside(channel, "order", b"one", b"two")
    beside: list[AMQPError] = []

    def read(hearer: str, message: AbstractIncomingMessage) -> Letter:
        with pytest.raises(AMQPError) as raised:
            asyncio.run_coroutine_threadsafe(_lock(rabbitmq_url), loop).result(10)
        beside.append(raised.value)
        return Letter.of(hearer, message)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(dead_letters, "Letter", SimpleNamespace(of=read))
    assert len(await ids(command)) == len(beside) == 2


async def _lock(url: str) -> None:
    async with looking(url) as channel:
        await channel.declare_queue(dead_letters.IN_USE, exclusive=True, auto_delete=True)


@pytest.mark.parametrize("arguments", [("list",), ("redrive", "--all")], ids=" ".join)
async def test_who_interrupts_hears_nothing_of_the_insides(
    arguments: tuple[str, ...], channel: AbstractChannel, rabbitmq_url: str
) -> None:
    queues = (channels.queue_name("order"), channels.dead_letter_queue_name("order"))
    await set_aside(channel, "order", *(b"{%d" % n for n in range(2000)))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COMMAND, "dead-letters", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=dict(os.environ) | {"RABBITMQ_URL": rabbitmq_url},
    )
    await until(lambda: _has_begun(channel), timeout=60)
    process.send_signal(signal.SIGINT)
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    assert (process.returncode, said.decode()) == (130, "")
    await until(lambda: _are_in(2000, channel, queues))


async def _has_begun(channel: AbstractChannel) -> bool:
    """Looking takes letters out of their queue for a while."""
    return await waiting_in(channel, channels.dead_letter_queue_name("order")) < 2000


async def _are_in(number: int, channel: AbstractChannel, queues: tuple[str, ...]) -> bool:
    """At least: what was sent again, and not taken out yet, is in both."""
    return sum([await waiting_in(channel, queue) for queue in queues]) >= number


async def _is(number: int, channel: AbstractChannel, queue: str) -> bool:
    return await waiting_in(channel, queue) == number
