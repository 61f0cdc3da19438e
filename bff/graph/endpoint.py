"""The GraphQL endpoint: POST, WebSocket and server-sent events, and who may use them."""

from datetime import timedelta
from typing import Any

import orjson
import strawberry
from cross_web import HTTPException, StarletteRequestAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from bff.auth import Authenticator, NotAuthenticatedError
from bff.graph.context import Context, Services
from bff.graph.frames import Connection, Frames
from bff.graph.texts import preferred
from bff.settings import BffSettings
from services.chassis.http import MAX_BODY_BYTES


class Body(StarletteRequestAdapter):
    """Reads a request, unless there is too much of it."""

    async def get_body(self) -> bytes:
        """All of it. Raises HTTPException."""
        body = bytearray()
        async for chunk in self._request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise HTTPException(413, f"A request has at most {MAX_BODY_BYTES} bytes.")
        return bytes(body)


class Endpoint(GraphQL[Context, None]):
    """Strawberry's ASGI view, with our identity and our errors."""

    request_adapter_class = Body
    websocket_adapter_class = Connection
    graphql_transport_ws_handler_class = Frames

    def __init__(
        self,
        schema: strawberry.Schema,
        settings: BffSettings,
        services: Services,
        authenticator: Authenticator,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=timedelta(seconds=settings.bff_subscription_init_seconds),
            max_subscriptions_per_connection=settings.bff_subscriptions_per_connection,
            allowed_origins=settings.bff_allowed_origins,
        )
        self._services = services
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a token that is no good is refused before anything is read."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        try:
            response = await self.run(Request(scope, receive))
        except NotAuthenticatedError:
            response = _refusal(401, "UNAUTHENTICATED", "This token is not valid: sign in again.")
            response.headers["www-authenticate"] = 'Bearer error="invalid_token"'
        except HTTPException as error:
            response = _refusal(error.status_code, "BAD_REQUEST", error.reason)
        await response(scope, receive, send)

    def parse_json(self, data: str | bytes) -> Any:
        """The operation in a request's body. Raises HTTPException."""
        parsed = super().parse_json(data)
        if not isinstance(parsed, dict):
            raise HTTPException(400, "Send one operation, as a JSON object.")
        return parsed

    def decode_json(self, data: str | bytes) -> object:
        """JSON, strictly: no half characters, no endless nesting. Raises JSONDecodeError."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:
        """JSON as people read it: Korean is Korean, not escapes."""
        return orjson.dumps(data).decode()

    async def get_context(self, request: Request | WebSocket, response: Any) -> Context:  # noqa: ARG002
        """Say who asks and in which language. Raises NotAuthenticatedError."""
        header = request.headers.get("authorization") if isinstance(request, Request) else None
        return Context(
            services=self._services,
            language=preferred(request.headers.get("accept-language")),
            signed_in_as=self._authenticator.from_header(header),
        )

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Let a WebSocket in by the token of its connection_init; close it with 4403 otherwise."""
        try:
            context.signed_in_as = self._authenticator.from_connection_init(context.connection_params)
        except NotAuthenticatedError as error:
            raise ConnectionRejectionError from error
        return await super().on_ws_connect(context)


def _refusal(status: int, code: str, message: str) -> Response:
    error = {"message": message, "extensions": {"code": code}}
    return JSONResponse({"errors": [error]}, status_code=status)
