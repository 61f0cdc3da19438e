"""/graphql, the door: whatever knocks is handed to its transport."""

from contextlib import ExitStack
from math import ceil

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from bff.auth import Authenticator
from bff.edge.frames import PROTOCOL
from bff.edge.gate import Gate
from bff.edge.http import HttpEndpoint, client_of
from bff.edge.lives import COME_BACK_MS, Life, Lives
from bff.edge.socket import Manners, Socket
from bff.graph.codes import MEANING
from bff.graph.errors import CodedError
from bff.origin import allowed
from bff.settings import BffSettings


class Door:
    """The ASGI application behind /graphql."""

    def __init__(self, settings: BffSettings, gate: Gate, lives: Lives, authenticator: Authenticator) -> None:
        self._settings = settings
        self._gate = gate
        self._lives = lives
        self._authenticator = authenticator
        self._http = HttpEndpoint(settings, gate, lives, authenticator)
        self._manners = Manners(
            init_seconds=settings.bff_subscription_init_seconds,
            idle_seconds=settings.bff_idle_seconds,
            at_once=settings.bff_subscriptions_per_connection,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or talk over a WebSocket until it ends."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._let_in(WebSocket(scope, receive, send))

    async def _let_in(self, websocket: WebSocket) -> None:
        if not allowed(websocket, self._settings.bff_allowed_origins):
            self._lives.refuse("origin")
            await websocket.close(1008)
            return
        address = websocket.client.host if websocket.client else ""
        with ExitStack() as open_for_long:
            try:
                self._gate.rates.connect(address)
                life = open_for_long.enter_context(self._lives.one(None, "websocket", address))
            except CodedError as refused:
                await websocket.send_denial_response(_denial(refused))
                return
            await self._talk(websocket, life)

    async def _talk(self, websocket: WebSocket, life: Life) -> None:
        if PROTOCOL not in websocket["subprotocols"]:
            await websocket.accept()
            await websocket.close(4406, "Subprotocol not acceptable")
            return
        await websocket.accept(PROTOCOL)
        client = client_of(websocket)
        await Socket(websocket, self._gate, self._authenticator, client, life, self._manners).serve()


def _denial(refused: CodedError) -> Response:
    seconds = ceil((refused.extensions or {}).get("retryAfterMs", COME_BACK_MS) / 1000)
    return Response(status_code=MEANING[refused.code].status, headers={"retry-after": str(seconds)})
