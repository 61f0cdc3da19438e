"""What is no WebSocket frame, and how connections end: byte by byte."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bff.edge.websocket import WebSocket
from compose.servers import Servers
from tests.bff.alive import every_kind_of
from tests.bff.asking import Gateway
from tests.bff.conftest import Open
from tests.bff.raw import wire
from tests.bff.raw_socket import BINARY, CLOSE, PING, PONG, TEXT, Raw, frame, knocking, said, signed_in
from tests.bff.test_running import process_of
from tests.conftest import NOWHERE, Place
from tests.waiting import until

WATCH_ALL = "subscription { myOrderUpdates { id } }"
TOO_LONG = frame(TEXT, b"x" * 65537)
ENDS = [
    pytest.param(frame(TEXT, b"\xff\xfe"), 1007, id="not UTF-8"),
    pytest.param(frame(TEXT, b'{"type":"\xed\xa0\x80"}'), 1007, id="half a character"),
    pytest.param(TOO_LONG, 1009, id="too long"),
    pytest.param(frame(TEXT, b"x" * 40000, fin=False) + frame(0, b"x" * 40000), 1009, id="too long in all"),
    pytest.param(frame(BINARY, b'{"type":"ping"}'), 4400, id="binary"),
    pytest.param(frame(TEXT, b"{}", masked=False), 1002, id="not masked"),
    pytest.param(frame(TEXT, b"{}", reserved=0x40), 1002, id="reserved bit"),
    pytest.param(frame(3, b"{}"), 1002, id="no such opcode"),
    pytest.param(frame(0, b"{}"), 1002, id="continues nothing"),
    pytest.param(frame(PING, b"x" * 126), 1002, id="long control frame"),
    pytest.param(frame(PING, b"x", fin=False), 1002, id="control frame in parts"),
    pytest.param(frame(CLOSE, b"\x00\x01"), 1002, id="no such close code"),
    pytest.param(frame(CLOSE, b"\x03\xe8\xff"), 1007, id="close reason is not UTF-8"),
    pytest.param(said("nonsense"), 4400, id="no such message"),
]


@pytest.fixture(scope="module")
async def production(servers: Servers) -> AsyncIterator[Gateway]:
    """A gateway in a process of its own, as it is in production."""
    place = Place(servers.mongo_url, f"amqp://guest:guest@{NOWHERE}/", "production")
    async with process_of(place) as (_, gateway):
        yield gateway


@pytest.mark.parametrize(("wrong", "code"), ENDS)
async def test_what_is_no_frame_gets_a_close_frame(production: Gateway, wrong: bytes, code: int) -> None:
    async with signed_in(production.address) as raw:
        await raw.sends(wrong)
        assert (await raw.end())[0] == code


@pytest.mark.parametrize(("wrong", "code"), ENDS)
async def test_also_where_the_client_sends_on_and_on(production: Gateway, wrong: bytes, code: int) -> None:
    async with signed_in(production.address) as raw:
        await raw.sends(wrong)
        sending = asyncio.create_task(_send_on(raw))
        assert (await raw.end())[0] == code
        sending.cancel()


@pytest.mark.parametrize("more", [f"cookie: {'x' * 9000}\r\n", "cookie: x\r\n" * 130], ids=["long", "many"])
async def test_a_handshake_that_is_too_large_is_refused(production: Gateway, more: str) -> None:
    async with wire(production.address) as raw:
        key = "sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        head = f"GET /graphql HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n{key}{more}"
        await raw.says(f"{head}\r\n".encode())
        async with asyncio.timeout(10):
            assert (await raw.reader.readline()).startswith(b"HTTP/1.1 431 ")
        assert await raw.is_hung_up()


async def _send_on(raw: Raw) -> None:
    for _ in range(1000):
        await raw.sends(said("ping", payload={"x": "x" * 5000}))


@pytest.mark.parametrize("wrong", [TOO_LONG, said("nonsense")])
async def test_also_while_the_server_is_sending(production: Gateway, wrong: bytes) -> None:
    async with signed_in(production.address) as raw:
        await raw.sends(said("subscribe", id="1", payload={"query": WATCH_ALL}))
        await raw.sends(*[said("ping", payload={"x": "x" * 30000})] * 20, wrong)
        assert (await raw.end())[0] in {1009, 4400}


async def test_a_close_is_answered_with_the_same(production: Gateway) -> None:
    async with signed_in(production.address) as raw:
        await raw.sends(frame(CLOSE, b"\x03\xe8"))
        assert (await raw.end())[0] == 1000


async def test_a_message_may_come_in_parts_with_pings_between(production: Gateway) -> None:
    async with knocking(production.address) as raw:
        await raw.sends(frame(TEXT, b'{"type":', fin=False), frame(PING, b"?"), frame(0, b'"ping"}'))
        heard = [await raw.hears(), await raw.hears()]
        assert sorted(heard) == [(TEXT, b'{"type":"pong"}'), (PONG, b"?")]


async def test_whoever_sends_too_much_waits_and_loses_nothing(open_gateway: Open) -> None:
    async with open_gateway(bff_frames_per_second=100) as gateway, signed_in(gateway.address) as raw:
        clock = asyncio.get_running_loop().time
        before = clock()
        await raw.sends(*[said("ping", payload={"n": n}) for n in range(250)])
        assert [(await raw.message())["payload"]["n"] for _ in range(250)] == list(range(250))
        assert 0.5 < clock() - before < 4


async def test_whoever_answers_pings_stays(open_gateway: Open) -> None:
    async with open_gateway(bff_ping_seconds=1) as gateway, signed_in(gateway.address) as raw:
        for _ in range(3):
            opcode, payload = await raw.hears()
            assert opcode == PING
            await raw.sends(frame(PONG, payload))


async def test_whoever_answers_nothing_is_dropped_and_may_come_back(open_gateway: Open) -> None:
    async with open_gateway(bff_ping_seconds=0.2) as gateway, signed_in(gateway.address) as raw:
        assert (await raw.end())[0] == 4408
        assert await gateway.metric("connections_open", transport="websocket") == 0


async def test_whoever_reads_nothing_is_owed_one_pong_and_then_dropped(open_gateway: Open) -> None:
    known = every_kind_of(WebSocket)
    settings = {"bff_stalled_seconds": 1, "bff_frames_per_second": 1e6}
    async with open_gateway(**settings) as gateway, signed_in(gateway.address, buffer=4096) as raw:
        (connection,) = [each for each in every_kind_of(WebSocket) if each not in known]
        flood = asyncio.create_task(_flood(raw))
        owed: list[int] = []

        async def is_gone() -> bool:
            if not connection.disconnected:
                owed.append(connection.transport.get_write_buffer_size())
            return await gateway.metric("connections_open", transport="websocket") == 0

        await until(is_gone, timeout=20)
        with pytest.raises(ConnectionError):
            await flood
        assert 60_000 < max(owed) < 300_000


async def _flood(raw: Raw) -> None:
    while True:
        await raw.sends(frame(PING, b"x" * 125) * 100)
