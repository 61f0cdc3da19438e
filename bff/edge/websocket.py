"""WebSockets whose end is heard, and which cost little however slow or hostile the other side is."""

import asyncio
import socket
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from services.chassis.waiting import LeanEvent, LeanQueue
from services.chassis.wire import Impatient, Wire

PIECE_BYTES = 4096
"""So much is read of one connection before another has its turn."""

SEND_BUFFER_BYTES = 128 * 1024

LINGER_SECONDS = 5.0
"""How long a closed connection is still read: a reset would take the close frame from who has not read it."""

WIRE: Final = "fruitstore.wire"
"""Among a WebSocket's extensions: its connection, for whoever tells many the same."""

TEXT: Final = 0x81
NOTHING_HEARD = 4408
RESTARTING = 1012


class WebSocket(Impatient, WebSocketsSansIOProtocol):
    """A WebSocket. Reads in small pieces and at a bounded rate, and closes so that it is heard."""

    wire = Wire()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = LeanQueue()  # type: ignore[assignment] # it does what uvicorn needs of it
        self.writable = LeanEvent()  # type: ignore[assignment] # likewise
        self._unread = bytearray()
        self._again: asyncio.TimerHandle | None = None
        self._paid_until = 0.0
        self._lingering = False
        self._pong: bytes = b""
        self.has_room_again: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Have little wait in the system's buffers: what waits there grows old."""
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def data_received(self, data: bytes) -> None:
        """Take in what came, or set it aside; once the end has been said it is nothing."""
        if self._lingering:
            return
        self._unread += data
        if self._again is None:
            self._read_on()
        else:
            self.transport.pause_reading()

    def _read_on(self) -> None:
        self._again = None
        if self.transport.is_closing():
            self._unread.clear()
            return
        if self._unread and not self.read_paused:
            piece = bytes(self._unread[:PIECE_BYTES])
            del self._unread[:PIECE_BYTES]
            super().data_received(piece)
            self._must_be_understood()
        if not (self._lingering or self.read_paused or self.transport.is_closing()):
            self._plan()

    def _plan(self) -> None:
        """Read on now, later, or when something comes."""
        wait = self._paid_until - self.loop.time()
        if self._unread or wait > 0:
            self.transport.pause_reading()
            self._again = self.loop.call_later(max(wait, 0), self._read_on)
        else:
            self.transport.resume_reading()

    def _must_be_understood(self) -> None:
        """Of a handshake that is too large nobody but the parser hears: what it says of it is the answer."""
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self._unread.clear()
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def handle_events(self) -> None:
        """Have them paid for: a second's worth may come at once."""
        now = self.loop.time()
        price = len(self.conn.events) / self.wire.frames_per_second
        self._paid_until = max(self._paid_until, now - 1) + price
        super().handle_events()

    async def receive(self) -> Any:
        """Give the application what came next, and read on. Between two messages others have their turn."""
        await asyncio.sleep(0)
        message = await super().receive()
        if not (self.read_paused or self._lingering or self._again or self.transport.is_closing()):
            self._plan()
        return message

    async def send(self, message: Any) -> None:
        """Send what the application says. Raises ClientDisconnected."""
        await self.writable.wait()
        if self._lingering:
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.accept":
            self._forget_the_handshake()
        if message["type"] == "websocket.close" and self.close_timer is not None:
            self._linger()
        elif message["type"] == "websocket.http.response.body":
            self.handshake_complete = True  # with a refusal; uvicorn would call it a bug

    def handle_connect(self, event: Request) -> None:
        """Let the application have the connection itself, too."""
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            extensions: dict[Any, Any] = self.scope["extensions"]
            extensions[WIRE] = self

    def say(self, text: bytes) -> None:
        """Send a text, at once, whether there is room for it or not. Raises ClientDisconnected.

        That is what `send` does, without what leads to it from an application: a twentieth of its price.
        """
        if self.close_sent or self._lingering or self.transport.is_closing():
            raise ClientDisconnected
        length = len(text)
        if length < 126:
            head = bytes((TEXT, length))
        elif length < 65536:
            head = bytes((TEXT, 126)) + length.to_bytes(2, "big")
        else:
            head = bytes((TEXT, 127)) + length.to_bytes(8, "big")
        self.transport.write(head + text)

    def _forget_the_handshake(self) -> None:
        """5 KiB of headers that nobody looks at again. The parser keeps its request: that is emptied."""
        self.request.headers.clear()
        del self.request, self.response

    async def run_asgi(self) -> None:
        """Run the application; with it ends what nobody reads."""
        await super().run_asgi()
        if not self.writable.is_set():
            self.transport.abort()

    def handle_ping(self) -> None:
        """Answer. A peer that does not read is owed one answer, not a growing heap of them."""
        pong = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(pong)
        else:
            self._pong = pong

    def resume_writing(self) -> None:
        """Pay what is owed."""
        super().resume_writing()
        pong, self._pong = self._pong, b""
        if pong and not (self._lingering or self.transport.is_closing()):
            self.transport.write(pong)
        if self.has_room_again is not None:
            self.has_room_again()

    def send_receive_event_to_app(self) -> None:
        """Hand on a whole message, if it is one."""
        if self.curr_msg_data_type == "text" and not _is_text(self.frames):
            self.frames = []
            self.conn.fail(1007, "Text is UTF-8")
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        """What came is no WebSocket frame: the close frame is written already."""
        said = self.conn.close_sent
        self._ended(said.code, said.reason) if said else self.transport.close()

    def keepalive_timeout(self) -> None:
        """The peer has not answered a ping, unless that waits behind what it still has to read."""
        self.pong_timer = None
        if self.writable.is_set():
            self._end(NOTHING_HEARD, "Nothing was heard for too long")
        else:
            self.schedule_ping()

    def shutdown(self) -> None:
        """The server ends now, whatever is open."""
        if self.handshake_complete:
            self._end(RESTARTING, "Restarting")
        else:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """Keep nothing, and be nothing that only the garbage collector finds."""
        self.has_room_again = None
        self.conn.parser.close()
        self._unread.clear()
        if self._again is not None:
            self._again.cancel()
            self._again = None
        super().connection_lost(exc)

    def _end(self, code: int, reason: str) -> None:
        if not (self.close_sent or self.transport.is_closing()):
            self.conn.send_close(code, reason)
            self._ended(code, reason)

    def _ended(self, code: int, reason: str) -> None:
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self._linger()

    def _linger(self) -> None:
        """The close frame is the last word; read on, without listening, until the peer has gone."""
        self._lingering = True
        self._unread.clear()
        self.stop_keepalive()
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)
        if not self.transport.is_closing():
            try:
                self.transport.write_eof()
                self.transport.resume_reading()
            except OSError:  # the peer is gone already, and nobody has said so yet
                self.transport.abort()


def _is_text(frames: list[bytes]) -> bool:
    try:
        b"".join(frames).decode()
    except UnicodeDecodeError:
        return False
    return True


def websockets_over(wire: Wire) -> type[asyncio.Protocol]:
    """WebSockets within these limits, for uvicorn."""
    return type("WebSocket", (WebSocket,), {"wire": wire})
