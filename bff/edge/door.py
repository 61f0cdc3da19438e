"""/graphql, the door: whatever knocks is handed to its transport."""

from collections.abc import Sequence
from math import ceil
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from bff.auth import Authenticator
from bff.edge.gate import Gate
from bff.edge.http import HttpEndpoint, client_of
from bff.edge.lives import Lives
from bff.edge.socket import PROTOCOL, Socket
from bff.graph.errors import CodedError
from bff.settings import BffSettings


class Door:
    """The ASGI application behind /graphql."""

    def __init__(self, settings: BffSettings, gate: Gate, lives: Lives, authenticator: Authenticator) -> None:
        self._settings = settings
        self._gate = gate
        self._lives = lives
        self._authenticator = authenticator
        self._http = HttpEndpoint(gate, lives, authenticator)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or talk over a WebSocket until it ends."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._talk(WebSocket(scope, receive, send))

    async def _talk(self, websocket: WebSocket) -> None:
        origin = websocket.headers.get("origin")
        if not allowed(origin, websocket.headers.get("host"), self._settings.bff_allowed_origins):
            await websocket.close(1008)
            return
        client = client_of(websocket.headers, websocket.client.host if websocket.client else "")
        try:
            self._gate.rates.connect(client.address)
        except CodedError as error:
            seconds = ceil((error.extensions or {})["retryAfterMs"] / 1000)
            await websocket.send_denial_response(
                Response(status_code=429, headers={"retry-after": str(seconds)})
            )
            return
        if PROTOCOL not in websocket["subprotocols"]:
            await websocket.accept()
            await websocket.close(4406, "Subprotocol not acceptable")
            return
        await websocket.accept(PROTOCOL)
        with self._lives.one(None) as life:
            await Socket(
                websocket,
                self._gate,
                self._authenticator,
                client,
                life,
                init_seconds=self._settings.bff_subscription_init_seconds,
                at_once=self._settings.bff_subscriptions_per_connection,
            ).serve()


def allowed(origin: str | None, host: str | None, origins: Sequence[str]) -> bool:
    """Whether a page of that origin may talk to us: our own pages, those listed, and what is no page."""
    return origin is None or origin in origins or urlsplit(origin).netloc == host
