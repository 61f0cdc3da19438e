"""A response's head and body are one write: a process that is killed cannot have sent the one alone."""

import asyncio
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from services.chassis.protocol import HttpProtocol
from services.chassis.serve import configuration
from tests.waiting import until

ASKED = b"GET / HTTP/1.1\r\nhost: x\r\n"


class Wire(asyncio.Transport):
    """Keeps what is written, write by write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        """All is there already."""

    def resume_reading(self) -> None:
        """All is there already."""


@pytest.fixture
def wire() -> Wire:
    """To a client."""
    return Wire()


async def asked(wire: Wire, app: Any, request: bytes) -> HttpProtocol:
    config = configuration(app)
    config.load()
    protocol = HttpProtocol(config=config, server_state=ServerState(), app_state={})
    protocol.connection_made(wire)
    protocol.data_received(request)
    return protocol


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(b"hello")(scope, receive, send)


async def test_head_and_body_are_one_write(wire: Wire) -> None:
    await asked(wire, hello, ASKED + b"\r\n")
    await until(lambda: wire.writes)
    [answer] = wire.writes
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nhello")


async def test_also_of_requests_that_wait_for_one_another_and_of_the_last_on_a_connection(wire: Wire) -> None:
    await asked(wire, hello, (ASKED + b"\r\n") * 2 + ASKED + b"connection: close\r\n\r\n")
    await until(lambda: wire.closed)
    assert [answer.count(b"hello") for answer in wire.writes] == [1, 1, 1]


async def test_a_head_that_nothing_follows_is_not_held_back(wire: Wire) -> None:
    go_on = asyncio.Event()

    async def slow(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await go_on.wait()
        await send({"type": "http.response.body", "body": b"hello"})

    await asked(wire, slow, ASKED + b"\r\n")
    await until(lambda: wire.writes)
    assert wire.writes[0].endswith(b"\r\n\r\n")
    go_on.set()
    await until(lambda: wire.writes[-1] == b"5\r\nhello\r\n0\r\n\r\n")


async def test_who_waits_to_be_told_to_go_on_is_told(wire: Wire) -> None:
    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await hello(scope, receive, send)

    waiting = ASKED.replace(b"GET", b"POST") + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n"
    protocol = await asked(wire, reads, waiting)
    await until(lambda: wire.writes == [b"HTTP/1.1 100 Continue\r\n\r\n"])
    protocol.data_received(b"{}")
    await until(lambda: wire.writes[-1].endswith(b"\r\n\r\nhello"))
    assert len(wire.writes) == 2
