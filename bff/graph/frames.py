"""graphql-transport-ws, where the library's own checks miss something: bad frames and limits.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from typing import Any, cast

from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message, SubscribeMessage

from bff.graph.context import Context
from bff.graph.errors import limit_reached

LONGEST_REASON = 123
"""Bytes that a WebSocket's close frame has room for."""


class Connection(ASGIWebSocketAdapter):
    """A WebSocket that can always be closed, however much of a client's frame is in the reason."""

    async def close(self, code: int, reason: str) -> None:
        """Close it."""
        await super().close(code, reason.encode()[:LONGEST_REASON].decode(errors="ignore"))


class Frames(BaseGraphQLTransportWSHandler[Context, None]):
    """The library's handler; what is no frame of the protocol closes with 4400."""

    async def handle_message(self, message: Message) -> None:
        """Take a frame in, if it is one."""
        if _is_frame(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("This is no frame of the protocol")

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin an operation, unless there are too many already."""
        most = self.max_subscriptions_per_connection or len(self.operations) + 1
        if message["id"] in self.operations or len(self.operations) < most:
            await super().handle_subscribe(message)
            return
        error = limit_reached(f"At most {most} operations at once on one connection.")
        await self.send_message({"id": message["id"], "type": "error", "payload": [error.formatted]})


def _is_frame(message: object) -> bool:
    if not isinstance(message, dict):
        return False
    frame = cast("dict[str, Any]", message)
    match frame.get("type"):
        case "subscribe":
            return isinstance(frame.get("id"), str) and _is_operation(frame.get("payload"))
        case "complete":
            return isinstance(frame.get("id"), str)
        case _:
            return True


def _is_operation(payload: object) -> bool:
    return (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )
