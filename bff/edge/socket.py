"""graphql-transport-ws: one WebSocket from its first word to its last."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect

from bff.auth import Authenticator, NotAuthenticatedError
from bff.caller import Caller
from bff.edge import frames
from bff.edge.client import Client
from bff.edge.frames import CloseError, Complete, Frame, Init, Ping, Pong, Subscribe
from bff.edge.gate import Gate
from bff.edge.lives import End, Life
from bff.edge.operations import Operations
from bff.edge.peer import GoneError, Peer
from bff.edge.websocket import WIRE
from bff.graph.errors import CodedError
from services.chassis.logs import logger

log = logger(__name__)

CLOSE_SECONDS = 1.0
"""How long it is tried to say goodbye to whoever does not read."""

CODES = {End.NOT_AUTHENTICATED: 4403, End.GOING_AWAY: 1012}
"""Client libraries come back after either: with a fresh token, or to another replica."""


@dataclass(frozen=True)
class Manners:
    """What a connection may do. Times are in seconds."""

    init_seconds: float
    idle_seconds: float
    at_once: int
    last_seconds: float = 5.0
    """How long a query or command may still take once the replica goes away."""


class Socket:
    """One connection, once it is accepted."""

    def __init__(
        self,
        websocket: WebSocket,
        gate: Gate,
        authenticator: Authenticator,
        client: Client,
        life: Life,
        manners: Manners,
    ) -> None:
        self._websocket = websocket
        self._rates = gate.rates
        self._authenticator = authenticator
        self._client = client
        self._life = life
        self._manners = manners
        self._peer = Peer(websocket.scope["extensions"].pop(WIRE), life)
        self._operations = Operations(gate, client, self._peer, manners.at_once)
        self._asked_to_begin = False
        self._loop = asyncio.get_running_loop()
        self._end: CloseError | None = None
        self._listening: asyncio.Timeout | None = None
        self._idles: asyncio.TimerHandle | None = None

    async def serve(self) -> None:
        """Talk until either side ends it."""
        try:
            end = await self._talk()
            if end is not None:
                await self._close(end)
        finally:
            await self._operations.end()

    async def _talk(self) -> CloseError | None:
        try:
            async with asyncio.timeout(None) as self._listening:
                self._life.when_ended(self._life_ends)
                self._look_whether_idle()
                await self._listen()
        except CloseError as error:
            return error
        except GoneError:
            return None
        except TimeoutError:
            if self._end is not None:
                return self._end
            log.exception("a bug in a connection")
        except Exception:
            log.exception("a bug in a connection")
        finally:
            self._listening = None
            self._life.when_ended(None)
            if self._idles is not None:
                self._idles.cancel()
        return CloseError(4500, "Internal server error")

    async def _close(self, end: CloseError) -> None:
        if end.code == CODES[End.GOING_AWAY]:
            await self._operations.finish(self._manners.last_seconds)
        self._operations.stop()
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._websocket.close(end.code, end.reason)

    def _ends(self, end: CloseError) -> None:
        """Leave off listening, whatever is being waited for."""
        if self._listening is not None and self._end is None:
            self._end = end
            self._listening.reschedule(self._loop.time())

    def _life_ends(self) -> None:
        assert self._life.why is not None  # noqa: S101 # tells mypy
        self._ends(CloseError(CODES[self._life.why], self._life.why.value))

    def _look_whether_idle(self) -> None:
        left = self._manners.idle_seconds - self._operations.idle_seconds
        if left > 0:
            self._idles = self._loop.call_later(left, self._look_whether_idle)
        else:
            self._ends(CloseError(1000, "Idle"))

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(self._manners.init_seconds):
                while self._client.caller is None:
                    await self._take(await self._frame())
        except TimeoutError:
            raise CloseError(4408, "Connection initialisation timeout") from None
        while True:
            await self._take(await self._frame())

    async def _frame(self) -> Frame:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise GoneError
        return frames.read(message.get("text"))

    async def _take(self, frame: Frame) -> None:
        match frame:
            case Init():
                await self._begin(frame)
            case Ping():
                await self._peer.tell("pong", payload=frame.payload)
            case Subscribe():
                if self._client.caller is None:
                    raise CloseError(4401, "Unauthorized")
                await self._operations.begin(frame)
            case Complete():
                await self._operations.complete(frame.name)
            case Pong():
                pass

    async def _begin(self, frame: Init) -> None:
        if self._asked_to_begin:
            raise CloseError(4429, "Too many initialisation requests")
        self._asked_to_begin = True
        try:
            caller = await self._caller(frame)
            self._life.sign_in(caller)
        except CodedError as error:
            raise CloseError(1013, error.message) from None
        self._rates.signed_in(self._client.address)
        self._client.caller = caller
        await self._peer.tell("connection_ack")

    async def _caller(self, frame: Init) -> Caller:
        try:
            return await self._authenticator.from_connection_init(frame.payload, self._client.cookie)
        except NotAuthenticatedError:
            self._rates.bad_token(self._client.address)
            raise CloseError(4403, "Forbidden") from None
