"""Streams over HTTP as they are on the wire: events, parts, heartbeats, and how they end."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bff.edge.lives import End, Life, Lives
from bff.graph.codes import Code
from bff.graph.errors import CodedError
from schema.projection import project
from schema.views import OrderStatus
from services.mypage.store import MongoPages
from tests import facts
from tests.bff.asking import Gateway, bearer, token
from tests.bff.conftest import Open
from tests.bff.events import Event, EventSource
from tests.bff.keeping import keep_order, take_in_more
from tests.bff.raw import HEAD, wire
from tests.bff.serving import Stub, once, reply
from tests.waiting import until

WATCH_ALL = "subscription { myOrderUpdates { id address } }"
WATCH_ONE = 'subscription { orderStatus(orderId: "order-1") { status } }'
EVENTS = "text/event-stream"
CANCEL = 'mutation { cancelOrder(orderId: "order-1") { __typename } }'
ADDRESS = "x" * 10_000
KERNEL_BYTES = 16 * 1024 * 1024
"""More than the buffers of a connection can hold, at its two ends."""
Opened = Callable[[], list[Life]]
MULTIPART = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json"


def asking_for_events(query: str) -> bytes:
    body = json.dumps({"query": query}).encode()
    head = f"accept: {EVENTS}\r\nauthorization: {bearer()['authorization']}\r\n"
    return HEAD + f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


WATCHING = asking_for_events(WATCH_ALL)


@asynccontextmanager
async def listening(
    gateway: Gateway, query: str = WATCH_ALL, accept: str = EVENTS, **headers: str
) -> AsyncIterator[aiohttp.ClientResponse]:
    url = f"http://{gateway.address}/graphql"
    sent = {**bearer(), "accept": accept, **headers}
    async with gateway.session.post(url, json={"query": query}, headers=sent) as response:
        yield response


async def watches(gateway: Gateway, count: int) -> None:
    async def are_open() -> bool:
        return await gateway.metric("subscriptions_open") == count

    await until(are_open)


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the server has against us."""
    servers = {"uvicorn.error", "asyncio"}
    return [record.getMessage() for record in caplog.records if record.name in servers]


def parts(body: bytes) -> list[Any]:
    """The JSON of each part, and the last word."""
    assert body.startswith(b"\r\n--graphql\r\n")
    *found, end = body.split(b"\r\n--graphql")[1:]
    assert end == b"--\r\n"
    heads = [part.partition(b"\r\n\r\n") for part in found]
    assert {head for head, _, _ in heads} == {b"\r\ncontent-type: application/json"}
    return [json.loads(data) for _, _, data in heads]


async def test_events_are_such_as_the_protocol_has_them(open_gateway: Open, kept: MongoPages) -> None:
    await keep_order(kept, "order-1", status=OrderStatus.PAYMENT_DECLINED)
    async with open_gateway() as gateway, listening(gateway, WATCH_ONE) as response:
        assert response.status == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        lines = (await response.text()).splitlines()
    assert 500 <= int(lines[0].removeprefix("retry: ")) <= 3000
    view = 'data: {"data":{"orderStatus":{"status":"PAYMENT_DECLINED"}},"extensions":{"resume":"2"}}'
    assert lines[2:] == ["event: next", "id: 2", view, "", "event: complete", "data:", ""]


async def test_parts_are_such_as_apollo_has_them(open_gateway: Open, kept: MongoPages) -> None:
    await keep_order(kept, "order-1", status=OrderStatus.PAYMENT_DECLINED)
    async with open_gateway() as gateway, listening(gateway, WATCH_ONE, MULTIPART) as response:
        assert response.status == 200
        said = response.headers["content-type"]
        assert said == 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
        told = parts(await response.read())
    view = {"data": {"orderStatus": {"status": "PAYMENT_DECLINED"}}, "extensions": {"resume": "2"}}
    assert told == [{"payload": view}]


@pytest.mark.parametrize("accept", [EVENTS, MULTIPART])
async def test_nobody_asks_over_the_connection_of_a_stream_that_has_ended(
    accept: str, gateway: Gateway, kept: MongoPages
) -> None:
    await keep_order(kept, "order-1")
    async with listening(gateway, WATCH_ONE, accept=accept) as response:
        assert response.headers["connection"] == "close"


async def test_events_can_be_asked_for_by_get(gateway: Gateway) -> None:
    params = {"query": "{ __typename }"}
    headers = {**bearer(), "accept": EVENTS}
    status, _, body = await gateway.ask("GET", "/graphql", params=params, headers=headers)
    assert status == 200
    assert b'data: {"data":{"__typename":"Query"}}' in body


@pytest.mark.parametrize(("accept", "sign"), [(EVENTS, b":"), (MULTIPART, b"{}")])
async def test_a_silent_stream_says_that_it_is_alive(open_gateway: Open, accept: str, sign: bytes) -> None:
    async with (
        open_gateway(bff_heartbeat_seconds=0.05) as gateway,
        listening(gateway, accept=accept) as response,
    ):
        for _ in range(3):
            async with asyncio.timeout(5):
                while (await response.content.readline()).strip() != sign:
                    pass


@pytest.mark.parametrize("why", [End.GOING_AWAY, End.NOT_AUTHENTICATED])
async def test_events_that_we_end_are_not_complete_so_that_clients_come_back(
    open_gateway: Open, lives: Opened, why: End
) -> None:
    async with open_gateway() as gateway, listening(gateway) as response:
        await watches(gateway, 1)
        for life in lives():
            life.end(why)
        async with asyncio.timeout(5):
            body = await response.read()
        assert b"event:" not in body
        await watches(gateway, 0)


@pytest.mark.parametrize(
    ("why", "code"), [(End.GOING_AWAY, "SERVICE_UNAVAILABLE"), (End.NOT_AUTHENTICATED, "UNAUTHENTICATED")]
)
async def test_parts_that_we_end_say_so_as_the_transport(
    open_gateway: Open, lives: Opened, why: End, code: str
) -> None:
    async with open_gateway() as gateway, listening(gateway, accept=MULTIPART) as response:
        await watches(gateway, 1)
        for life in lives():
            life.end(why)
        async with asyncio.timeout(5):
            (last,) = parts(await response.read())
        assert last["payload"] is None
        assert [error["extensions"]["code"] for error in last["errors"]] == [code]


async def test_a_stream_ends_with_its_token(gateway: Gateway) -> None:
    headers = {"authorization": f"Bearer {token(seconds=2)}"}
    async with listening(gateway, **headers) as response:
        async with asyncio.timeout(5):
            assert b"complete" not in await response.read()
    await watches(gateway, 0)


@pytest.mark.parametrize("accept", [EVENTS, MULTIPART])
async def test_one_stream_too_many_is_refused_before_it_begins(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, accept: str
) -> None:
    def full(*_: object) -> object:
        raise CodedError(Code.TOO_MANY_CONNECTIONS, retryAfterMs=1500)

    monkeypatch.setattr(Lives, "one", full)
    async with listening(gateway, accept=accept) as response:
        assert (response.status, response.headers["retry-after"]) == (429, "2")
        (error,) = (await response.json())["errors"]
    assert error["extensions"]["code"] == "TOO_MANY_CONNECTIONS"


@pytest.mark.parametrize("accept", [EVENTS, MULTIPART])
async def test_a_listener_who_goes_away_leaves_nothing_behind(
    gateway: Gateway, caplog: pytest.LogCaptureFixture, accept: str
) -> None:
    before = len(asyncio.all_tasks())
    for _ in range(20):
        async with listening(gateway, accept=accept):
            await watches(gateway, 1)
    await watches(gateway, 0)
    await until(lambda: len(asyncio.all_tasks()) <= before + 2)
    assert not complaints(caplog)


async def test_a_listener_who_goes_away_with_a_request_unanswered_leaves_nothing_behind(
    open_gateway: Open,
) -> None:
    async with open_gateway(bff_heartbeat_seconds=0.1) as gateway:
        async with wire(gateway.address) as client:
            await client.says(WATCHING)
            await watches(gateway, 1)
            await client.says(WATCHING)
        await watches(gateway, 0)


async def test_an_event_id_of_thousands_of_digits_is_no_bug(gateway: Gateway) -> None:
    async with listening(gateway, WATCH_ONE, **{"last-event-id": "9" * 5000}) as response:
        assert b"BAD_USER_INPUT" in await response.read()


async def test_a_command_is_finished_though_its_listener_has_gone(
    open_gateway: Open, order_service: Stub
) -> None:
    go_on = asyncio.Event()
    order_service.script = once(go_on, reply('{"error": "nothing"}', 404))
    async with open_gateway(order_url=order_service.url, bff_order_timeout_ms=8000) as gateway:
        async with wire(gateway.address) as client:
            await client.says(asking_for_events(CANCEL))
            await until(lambda: order_service.heard)
        await gateway.ask("GET", "/healthz")  # by then it has been heard that the client is gone
        go_on.set()

        async def was_told() -> bool:
            told = await gateway.metric("ordering_outcomes_total", command="cancelOrder", outcome="NotFound")
            return told == 1

        await until(was_told)


@pytest.fixture
def flood(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Subscriptions that bring a view after the other, without end; how many they have brought."""
    brought: list[int] = []
    placed = project([facts.placed()])
    assert placed is not None
    view = placed.model_copy(update={"address": ADDRESS})

    def waiting(_: object) -> Iterator[object]:
        brought.append(1)
        yield view

    async def filled(_: object) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr("bff.mailbox.Mailbox.waiting", waiting)
    monkeypatch.setattr("bff.mailbox.Mailbox.filled", filled)
    return brought


async def test_a_reader_who_does_not_read_is_waited_for_and_then_dropped(
    open_gateway: Open, flood: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    async with open_gateway(bff_stalled_seconds=1) as gateway, wire(gateway.address, buffer=4096) as client:
        await client.says(WATCHING)
        await watches(gateway, 1)
        await watches(gateway, 0)
        assert 0 < len(flood) * len(ADDRESS) < KERNEL_BYTES
        assert await client.is_hung_up()
    assert not complaints(caplog)


async def test_a_reader_who_does_not_read_does_not_hold_up_the_end(
    open_gateway: Open, flood: list[int], lives: Opened
) -> None:
    async with open_gateway() as gateway, wire(gateway.address, buffer=4096) as client:
        await client.says(WATCHING)
        await watches(gateway, 1)
        await until(lambda: has_stopped(flood), every=0.2)
        for life in lives():
            life.end(End.GOING_AWAY)
        await until(lambda: not lives(), timeout=2)


def has_stopped(flood: list[int], seen: list[int] = []) -> bool:  # noqa: B006 # what was seen before
    seen.append(len(flood))
    return len(seen) > 1 and seen[-1] == seen[-2] > 0


async def test_a_reader_that_comes_back_misses_nothing_and_hears_nothing_twice(
    open_gateway: Open, kept: MongoPages, lives: Opened
) -> None:
    await keep_order(kept, "order-1")
    async with open_gateway(bff_resync_seconds=0.1) as gateway:
        source = EventSource(gateway, WATCH_ONE)
        events = source.events()
        assert (await anext(events)).data["data"] == {"orderStatus": {"status": "PAYMENT_PENDING"}}
        for life in lives():
            life.end(End.GOING_AWAY)
        coming = asyncio.ensure_future(anext(events))
        await until(lambda: source.connections == 2 and lives())
        await take_in_more(kept, facts.declined())
        assert (await coming).data["data"] == {"orderStatus": {"status": "PAYMENT_DECLINED"}}
        assert await anext(events) == Event("complete", None)
    assert source.last_event_id
