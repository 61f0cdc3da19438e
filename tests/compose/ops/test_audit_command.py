"""`fruitstore audit` and `fruitstore trace`, as whoever types them sees them."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from compose.cli import app
from compose.ops.sheet import WIDTH, plainly
from compose.ops.story import Story
from schema.feed import Moment
from tests import facts
from tests.compose.ops.entries import CANCELED, DELIVERED, DELIVERING, PAID, books, moments, page, story
from tests.compose.ops.interrupting import COMMAND
from tests.compose.ops.saying import NOWHERE, Saying
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("at_once")

CHARGED_TWICE = story(DELIVERED, payment={"account": books(charges=2)})


def environment(saying: Saying) -> dict[str, str]:
    there = saying.addresses
    return {
        "ORDER_URL": there.order,
        "PAYMENT_URL": there.payment,
        "DELIVERY_URL": there.delivery,
        "MYPAGE_URL": there.mypage,
        "RABBITMQ_URL": there.rabbitmq,
        "COLUMNS": "100",
    }


async def run(saying: Saying, *arguments: str) -> Result:
    said = environment(saying)
    result = await asyncio.to_thread(lambda: CliRunner().invoke(app, list(arguments), env=said))
    assert "Traceback" not in result.output
    return result


async def test_where_all_is_well_one_line_says_so(saying: Saying) -> None:
    saying.say(story(DELIVERED))
    result = await run(saying, "audit")
    assert (result.exit_code, result.stdout) == (0, "1 orders: 1 ok, 0 young, 0 stuck, 0 broken\n")


async def test_what_is_found_is_told_with_its_story(saying: Saying) -> None:
    saying.say(CHARGED_TWICE)
    result = await run(saying, "audit")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "Order order-1 of customer customer-1: 7 x 사과 (Apple), 35,000 won"
    assert lines[1] == "  charged_once: the provider charged 2 times"
    assert any("12:00:01.000" in line and "payment.approved" in line for line in lines)
    assert any("APPROVED; charged 2 times, 70,000 won" in line for line in lines)
    assert lines[-1] == "1 orders: 0 ok, 0 young, 0 stuck, 1 broken; charged_once 1"
    assert max(map(len, lines)) <= WIDTH


async def test_what_is_stuck_is_told_too_unless_it_is_young(saying: Saying) -> None:
    saying.say(story(PAID))
    result = await run(saying, "audit", "--order", "order-1")
    assert result.exit_code == 1
    assert "the_next_fact_comes_in_time: delivery.started is expected of delivery for " in result.stdout
    just = datetime.now(UTC)
    saying.say(story([fact.model_copy(update={"at": just}) for fact in PAID]))
    assert (await run(saying, "audit", "--grace", "3600")).exit_code == 0


async def test_programs_get_json(saying: Saying) -> None:
    saying.say(CHARGED_TWICE)
    result = await run(saying, "audit", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert (report["orders"], report["broken"], report["violations"]) == (1, 1, {"charged_once": 1})
    (found,) = report["found"]
    assert found["findings"] == [
        {"rule": "charged_once", "says": "the provider charged 2 times", "since": None}
    ]
    assert found["entries"]["payment"]["account"]["charges"] == 2


async def test_that_it_could_not_be_audited_is_not_taken_for_a_finding(saying: Saying) -> None:
    saying.addresses = replace(saying.addresses, payment=NOWHERE)
    result = await run(saying, "audit")
    assert result.exit_code == 2
    assert result.stderr == (
        f"fruitstore: The payment service at {NOWHERE} does not answer (ClientConnectorError):"
        " see that it runs, and ask again.\n"
    )


def test_that_nothing_runs_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["audit", "--directory", str(tmp_path)])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"fruitstore: No stack is running in {tmp_path}")


@asynccontextmanager
async def watching(saying: Saying, said: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    with said.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", COMMAND),
            *("audit", "--watch", "--every", "0.1"),
            stdout=out,
            stderr=asyncio.subprocess.PIPE,
            env=dict(os.environ) | environment(saying),
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    """By Ctrl-C: the exit status, and what it complained of."""
    process.send_signal(signal.SIGINT)
    _, errors = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, errors.decode()


async def test_watching_tells_each_finding_once_and_how_it_was_at_the_end(
    saying: Saying, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    saying.say(CHARGED_TWICE)
    async with watching(saying, said) as process:
        await until(lambda: "charged_once: " in said.read_text(), timeout=30)
        saying.say(_renamed(CHARGED_TWICE, "order-2"))
        await until(lambda: "Order order-2" in said.read_text(), timeout=30)
        assert await ended(process) == (1, "")
    assert said.read_text().count("charged_once: ") == 2
    assert said.read_text().splitlines()[-1].startswith("2 orders: 0 ok, 0 young, 0 stuck, 2 broken")


async def test_watching_outlives_a_service_that_is_away(saying: Saying, tmp_path: Path) -> None:
    said = tmp_path / "said"
    saying.say(story(DELIVERED))
    saying.fails["payment"] = [500] * 7  # three tries an audit
    async with watching(saying, said) as process:
        await until(lambda: saying.questions.count("mypage ?after=") > 4, timeout=60)
        status, errors = await ended(process)
    assert (status, errors.count("The payment service at ")) == (0, 1)
    assert said.read_text() == "1 orders: 1 ok, 0 young, 0 stuck, 0 broken\n"


async def test_who_watched_and_never_got_an_answer_knows_nothing(saying: Saying, tmp_path: Path) -> None:
    saying.fails["payment"] = [500] * 10_000
    async with watching(saying, tmp_path / "said") as process:
        await until(lambda: saying.questions.count("payment ?after=") > 6, timeout=60)
        status, errors = await ended(process)
    assert status == 2
    assert errors.endswith("fruitstore: No audit came to its end, so nothing is known: watch for longer.\n")


async def test_who_stops_watching_before_the_first_audit_ended_knows_nothing(
    saying: Saying, tmp_path: Path
) -> None:
    saying.fails["payment"] = [500]
    async with watching(saying, tmp_path / "said") as process:
        await until(lambda: saying.questions, timeout=60)
        assert (await ended(process))[0] == 2


@pytest.mark.parametrize("seconds", ["nan", "inf", "-inf", "1e300", "-1"])
@pytest.mark.parametrize("option", ["--grace", "--every"])
def test_seconds_that_are_no_number_are_refused(option: str, seconds: str) -> None:
    result = CliRunner().invoke(app, ["audit", option, seconds])
    assert result.exit_code == 2
    assert f"Invalid value for '{option}'" in " ".join(result.stderr.split())


HOSTILE = "[x] [red]\x00\x1b[2J\x9b\u202e"


async def test_what_others_wrote_is_shown_as_it_is_and_rules_no_terminal(saying: Saying) -> None:
    placed, *others = (fact.model_copy(update={"order_id": HOSTILE}) for fact in DELIVERED)
    saying.say(
        story((placed.model_copy(update={"customer_id": HOSTILE}), *others), order={"customer_id": "x"})
    )
    for arguments in (("audit",), ("trace", HOSTILE)):
        result = await run(saying, *arguments)
        assert result.stdout.startswith(r"Order [x] [red]\x00\x1b[2J\x9b\u202e of customer [x] [red]\x00\x1b")
        assert "kept_for_who_placed_it" in result.stdout
        assert result.stdout.replace("\n", "").isprintable()


def _renamed(told: Story, order_id: str) -> Story:
    return story(
        tuple(fact.model_copy(update={"order_id": order_id}) for fact in told.facts()),
        order={"idempotency_key": f"key of {order_id}"},
        payment={"account": books(charges=2)},
    )


async def test_a_trace_is_one_screen(saying: Saying) -> None:
    told = story(CANCELED[:-1])
    untold = story(
        CANCELED[:-1],
        payment={
            "told": (Moment(id=facts.approved().id, at=facts.after(1.012)),),
            "untold": moments((facts.payment_canceled(),)),
            "refund_due": facts.after(6),
            "account": books(),
        },
        mypage=dict(page(CANCELED[:3])),
    )
    assert told.order
    saying.say(replace(untold, order=told.order.model_copy(update={"facts": CANCELED[:4]})))
    result = await run(saying, "trace", "order-1")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "12:00:01.000 payment.approved payment +0.012 s heard +0.000 s" in lines
    assert "12:00:05.000 order.canceled order +0.000 s its own –" in lines
    assert "12:00:06.000 payment.canceled payment untold – –" in lines
    for beginning in (
        "payment CANCELED; charged once, 35,000 won; a refund is due for ",
        "delivery STARTED",
        "MyPage shows DELIVERING, version 3, not settled yet",
        "next delivery.canceled, by delivery; awaited since 12:00:06, for ",
        "told_in_time: order-1/payment.canceled is untold for ",
    ):
        assert any(line.startswith(beginning) for line in lines), beginning
    assert max(map(len, result.stdout.splitlines())) <= WIDTH


async def test_a_trace_works_while_a_service_is_away(saying: Saying) -> None:
    saying.say(story(DELIVERING))
    saying.addresses = replace(saying.addresses, payment=NOWHERE)
    result = await run(saying, "trace", "order-1")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "12:00:01.000 payment.approved payment ? heard +0.000 s" in lines
    assert "payment ? did not answer" in lines
    assert result.stderr.startswith(f"fruitstore: The payment service at {NOWHERE} does not answer")


async def test_a_trace_of_what_nobody_knows_is_one_sentence(saying: Saying) -> None:
    result = await run(saying, "trace", "order-9")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "fruitstore: No service knows an order order-9: check the id.\n"
    saying.addresses = replace(saying.addresses, order=NOWHERE)
    result = await run(saying, "trace", "order-9")
    assert result.stderr.startswith("fruitstore: No service that answers knows an order order-9: check the")
    assert result.stderr.count("\n") == 1


async def test_where_no_service_answers_a_trace_does_not_blame_the_id(saying: Saying) -> None:
    saying.addresses = replace(
        saying.addresses, order=NOWHERE, payment=NOWHERE, delivery=NOWHERE, mypage=NOWHERE
    )
    result = await run(saying, "trace", "order-1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "fruitstore: None of the services answers, so nothing can be said of order order-1:"
        " see that they run, and ask again.\n"
    )


async def test_an_empty_id_is_no_id(saying: Saying) -> None:
    says = "fruitstore: An order's id is never empty: say which order.\n"
    for status, arguments in ((1, ("trace", "")), (2, ("audit", "--order", ""))):
        result = await run(saying, *arguments)
        assert (result.exit_code, result.output) == (status, says)
    assert saying.questions == []


async def test_a_trace_for_programs(saying: Saying) -> None:
    saying.say(story(PAID))
    told = json.loads((await run(saying, "trace", "order-1", "--json")).stdout)
    assert [fact["type"] for fact in told["facts"]] == ["order.placed", "payment.approved"]
    assert told["expected"]["type"] == "delivery.started"
    assert told["findings"][0]["rule"] == "the_next_fact_comes_in_time"
    assert told["entries"]["order"]["idempotency_key"] == "key-1"


DURATIONS = {
    0.0124: "0.012 s",
    -1: "-1.000 s",
    12.34: "12.3 s",
    60: "1 min",
    200: "3 min 20 s",
    7500: "2 h 5 min",
    350_000: "4 d 1 h",
}


@pytest.mark.parametrize(("seconds", "words"), DURATIONS.items())
def test_durations_are_short(seconds: float, words: str) -> None:
    assert plainly(timedelta(seconds=seconds)) == words
