"""Past the router: what most requests are for needs no looking up."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Straight:
    """ASGI middleware. HTTP for this path goes to its door, which answers for its own errors."""

    def __init__(self, app: ASGIApp, path: str, door: ASGIApp) -> None:
        self._app = app
        self._path = path
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""
        if scope["type"] == "http" and scope["path"] == self._path:
            scope["endpoint"] = self._door
            await self._door(scope, receive, send)
        else:
            await self._app(scope, receive, send)
