"""HTTP/1.1 as uvicorn speaks it, with bounds for what comes before a request, and a way to hang up."""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

ABORT: Final = "fruitstore.abort"
"""Among a scope's extensions: hangs up at once, whatever has not been sent."""

HEAD_SECONDS: Final = 20.0
"""How long a client may take to say what it wants."""

HEAD_BYTES: Final = 64 * 1024
"""How many bytes it may take for that, what comes at once with its beginning aside."""


class HttpProtocol(HttpToolsProtocol):
    """One connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """A client has come."""
        super().connection_made(transport)
        self._earlier: list[RequestResponseCycle] = []
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """The client says something."""
        goes_on = self._head_timer is not None
        super().data_received(data)
        if goes_on and self._head_timer is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._head_is_over()
                self.send_400_response("The request's head is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: self.transport.abort}  # type: ignore[dict-item] # it may be anything
        self._await_head()

    def on_headers_complete(self) -> None:
        """A request can be answered, perhaps after others."""
        self._head_is_over()
        before: RequestResponseCycle | None = self.cycle
        super().on_headers_complete()
        if self.cycle is before:  # it becomes a WebSocket, once a body that it speaks of has come
            self._await_head()
        elif before is not None:
            earlier = (*self._earlier, before)
            self._earlier = [cycle for cycle in earlier if not cycle.response_complete]

    def handle_websocket_upgrade(self) -> None:
        """From here on it is a WebSocket."""
        self._head_is_over()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone: uvicorn tells whoever answers its last request, and we tell the others."""
        self._head_is_over()
        super().connection_lost(exc)
        for cycle in self._earlier:
            cycle.disconnected = not cycle.response_complete
            cycle.message_event.set()

    def _await_head(self) -> None:
        self._head_is_over()
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _head_is_over(self) -> None:
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
