"""HTTP/1.1 as uvicorn speaks it, with bounds for what comes before a request, and a way to hang up."""

import asyncio
import re
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

ABORT: Final = "fruitstore.abort"
"""Among a scope's extensions: hangs up at once, whatever has not been sent."""

HEAD_SECONDS: Final = 20.0
"""How long a client may take to say what it wants."""

HEAD_BYTES: Final = 64 * 1024
"""How many bytes it may take for that; and for what may follow a body that comes in chunks."""

PIPELINED_AT_MOST: Final = 16
"""How many requests may wait for the answers to earlier ones."""

HEAD_ENDS: Final = re.compile(rb"\r?\n\r?\n")
HTTP_2: Final = re.compile(rb"(?<=\n)upgrade:[ \t]*h2c[ \t]*\r?\n", re.IGNORECASE)


class TooMuchError(Exception):
    """A client says too much at once: uvicorn takes it for what is no HTTP."""


class _HeadFirst:
    """A cycle's transport until its response has a head and more: both are sent as one.

    What is one write cannot be torn apart by a process that is killed, and costs one system call.
    """

    def __init__(self, cycle: RequestResponseCycle, loop: asyncio.AbstractEventLoop) -> None:
        self._cycle = cycle
        self._loop = loop
        self._transport = cycle.transport
        self._held = b""

    def write(self, data: bytes) -> None:
        """Hold what comes first until more comes, but not beyond this turn of the loop."""
        if self._held:
            self._cycle.transport = self._transport
            self._transport.write(self._held + data)
            self._held = b""
        else:
            self._held = data
            self._loop.call_soon(self._no_more_comes)

    def is_closing(self) -> bool:
        """Whether the connection is."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Send what is held, and close."""
        self._no_more_comes()
        self._transport.close()

    def _no_more_comes(self) -> None:
        held, self._held = self._held, b""
        if held:
            self._transport.write(held)


class HttpProtocol(HttpToolsProtocol):
    """One connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """A client has come."""
        super().connection_made(transport)
        self._earlier: list[RequestResponseCycle] = []
        self._head_bytes = 0
        self._is_between = True
        self._head_timer: asyncio.TimerHandle | None = None
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """The client says something."""
        self._head_bytes += len(data)
        super().data_received(_without_http_2(data) if self._is_between else data)
        if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self._head_is_over()
            self.send_400_response("The request's head is too large.")

    def on_message_begin(self) -> None:
        """A request begins. Raises TooMuchError."""
        if len(self.pipeline) >= PIPELINED_AT_MOST:
            raise TooMuchError
        self._is_between = False
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: self.transport.abort}  # type: ignore[dict-item] # it may be anything
        self._await_head()

    def on_headers_complete(self) -> None:
        """A request can be answered, perhaps after others. Raises TooMuchError."""
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            raise TooMuchError
        self._head_bytes = 0
        self._head_is_over()
        before: RequestResponseCycle | None = self.cycle
        super().on_headers_complete()
        if self.cycle is before:  # it becomes a WebSocket
            self._must_be_without_body()
            return
        self.cycle.transport = _HeadFirst(self.cycle, self.loop)  # type: ignore[assignment] # what of it is used
        if before is not None:
            earlier = (*self._earlier, before)
            self._earlier = [cycle for cycle in earlier if not cycle.response_complete]

    def on_body(self, body: bytes) -> None:
        """Some of a request's body."""
        self._head_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request ends."""
        self._head_bytes = 0
        self._is_between = True
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone: uvicorn tells whoever answers its last request, and we tell the others."""
        self._head_is_over()
        super().connection_lost(exc)
        for cycle in self._earlier:
            cycle.disconnected = not cycle.response_complete
            cycle.message_event.set()

    @property
    def has_spoken(self) -> bool:
        """Whether there has been a request."""
        return self.cycle is not None

    def handle_websocket_upgrade(self) -> None:
        """From here on it is a WebSocket, unless it was refused."""
        if not self.transport.is_closing():
            super().handle_websocket_upgrade()

    def _must_be_without_body(self) -> None:
        """Of a request that becomes a WebSocket the body would be waited for without end."""
        named = {name for name, value in self.headers if value != b"0"}
        if named & {b"content-length", b"transfer-encoding"}:
            self.send_400_response("A handshake has no body.")

    def _await_head(self) -> None:
        self._head_is_over()
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _head_is_over(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def _without_http_2(data: bytes) -> bytes:
    """A request from its beginning, without the offer of HTTP/2 that some clients make with each.

    We go on in HTTP/1.1, as one may; httptools would pass over its body. Beyond its head all stays as it is.
    """
    end = HEAD_ENDS.search(data)
    head = data[: end.end()] if end else data
    return HTTP_2.sub(b"", head) + data[len(head) :] if HTTP_2.search(head) else data
