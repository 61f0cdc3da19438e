"""Another service is asked over kept connections: what is answered, what is lost, and what was never sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from schema.events import CancelReason
from schema.requests import CancelOrder
from services.chassis import upstream as asking
from services.chassis.upstream import Failure, NeverSent, Upstream
from tests.waiting import until

GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine"


class Other:
    """A service that answers what it is told to, a request at a time; `None` hangs up."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.connections = 0
        self.open = 0
        self.says: Callable[[], bytes | None] = lambda: GOOD
        self._server: asyncio.Server

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self._server.close()
        await until(lambda: self.open == 0)

    def stop_listening(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                self.heads.append(head + await reader.readexactly(length))
                if (answer := self.says()) is None:
                    break
                writer.write(answer)
        writer.close()
        self.open -= 1


@pytest.fixture
async def other() -> AsyncIterator[Other]:
    other = Other()
    yield other
    await other.stop()


@pytest.fixture
async def service(other: Other) -> AsyncIterator[Upstream]:
    service = Upstream(f"{await other.start()}/behind")
    yield service
    await service.close()


async def test_one_connection_serves_one_after_another(other: Other, service: Upstream) -> None:
    for _ in range(3):
        assert await service.ask("GET", "/a") == (200, b"fine")
    await asyncio.gather(*(service.ask("GET", "/a") for _ in range(3)))
    assert other.connections == 3


async def test_a_request_says_where_it_goes_and_how_long_it_is(other: Other, service: Upstream) -> None:
    message = CancelOrder(customer_id="손님", reason=CancelReason.BY_CUSTOMER)
    await service.ask("POST", "/orders/a b\r\nx: 서/cancel?x=1", message)
    head, _, body = other.heads[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    assert first == "POST /behind/orders/a%20bx:%20%EC%84%9C/cancel?x=1 HTTP/1.1"
    assert f"content-length: {len(body)}" in lines
    assert any(line.startswith("host: 127.0.0.1:") for line in lines)
    assert CancelOrder.model_validate_json(body) == message


async def test_a_header_is_one_line(other: Other) -> None:
    url = await other.start()
    with pytest.raises(ValueError, match="one line"):
        await Upstream(url, lambda: "Bearer x\r\nx: y").ask("GET", "/")
    assert other.heads == []


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + GOOD, 200, b"fine"),
        (b"HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 500, b"abc"),
    ],
)
async def test_answers_of_every_kind(
    other: Other, service: Upstream, answer: bytes, status: int, body: bytes
) -> None:
    other.says = lambda: answer
    for _ in range(2):
        assert await service.ask("GET", "/") == (status, body)
    assert other.connections == 1


@pytest.mark.parametrize("more", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"])
async def test_after_the_last_answer_of_a_connection_another_one_is_made(
    other: Other, service: Upstream, more: bytes
) -> None:
    closing = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nfine"
    other.says = lambda: GOOD + more if more else closing
    for _ in range(2):
        assert await service.ask("POST", "/") == (200, b"fine")
    assert other.connections == 2


@pytest.mark.parametrize("answer", [None, b"nonsense\r\n\r\n"])
async def test_what_is_no_answer_is_lost_and_was_sent(
    other: Other, service: Upstream, answer: bytes | None
) -> None:
    other.says = lambda: answer
    with pytest.raises(Failure) as lost:
        await service.ask("GET", "/")
    assert not isinstance(lost.value, NeverSent)
    assert len(other.heads) == 1
    await until(lambda: other.open == 0)


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"])
async def test_whoever_stops_waiting_leaves_no_connection_for_others(
    other: Other, service: Upstream, begun: bytes
) -> None:
    await stop_waiting(other, service, begun)
    await until(lambda: other.open == 0)
    other.says = lambda: GOOD
    assert await service.ask("GET", "/") == (200, b"fine")
    assert other.connections == 2


async def test_an_answer_that_is_too_long_is_none(service: Upstream) -> None:
    with pytest.raises(Failure, match="more than 3 bytes"):
        await service.ask("GET", "/", at_most=3)


async def stop_waiting(other: Other, service: Upstream, begun: bytes) -> None:
    """The other side was asked, and no more than begins to answer."""
    other.says = lambda: begun
    waiting = asyncio.create_task(service.ask("GET", "/"))
    await until(lambda: other.heads)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def lose_the_kept(other: Other, service: Upstream) -> None:
    """The other side hangs up at the next request over the connection that is kept."""
    answers = [GOOD, None]
    other.says = lambda: answers.pop(0) if answers else GOOD
    assert await service.ask("GET", "/")


async def test_what_does_nothing_twice_is_asked_again_when_a_kept_connection_was_lost(
    other: Other, service: Upstream
) -> None:
    await lose_the_kept(other, service)
    assert await service.ask("PUT", "/") == (200, b"fine")
    assert (len(other.heads), other.connections) == (3, 2)


async def test_an_order_is_not(other: Other, service: Upstream) -> None:
    await lose_the_kept(other, service)
    with pytest.raises(Failure):
        await service.ask("POST", "/")
    assert len(other.heads) == 2


async def test_what_was_sent_before_is_never_said_not_to_be(other: Other, service: Upstream) -> None:
    await lose_the_kept(other, service)
    other.stop_listening()
    with pytest.raises(Failure) as lost:
        await service.ask("PUT", "/")
    assert not isinstance(lost.value, NeverSent)


async def test_where_nobody_listens_nothing_is_sent(other: Other, service: Upstream) -> None:
    other.stop_listening()
    with pytest.raises(NeverSent):
        await service.ask("PUT", "/")
    assert not await service.alive()


async def test_a_connection_that_nobody_uses_is_closed(
    other: Other, service: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "KEPT_SECONDS", 0.1)
    await service.ask("GET", "/")
    await until(lambda: other.open == 0)
    assert await service.ask("GET", "/") == (200, b"fine")


async def test_at_the_end_none_is_left(other: Other, service: Upstream) -> None:
    other.says = lambda: b""
    waiting: Awaitable[object] = asyncio.create_task(service.ask("GET", "/"))
    await until(lambda: other.open == 1)
    await service.close()
    with suppress(TimeoutError):
        await asyncio.wait_for(waiting, 0.1)
    await until(lambda: other.open == 0)
