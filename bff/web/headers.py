"""What browsers are told to allow: of every answer next to nothing, of a page what it needs."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send


def policy(**changes: str) -> str:
    """A Content-Security-Policy: nothing but what is named, nor any frame around it."""
    named = {"default-src": "'none'", **{name.replace("_", "-"): value for name, value in changes.items()}}
    last = {"base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'"}
    return "; ".join(f"{name} {value}" for name, value in (named | last).items())


OWN: Final = {
    "script_src": "'self'",
    "style_src": "'self'",
    "connect_src": "'self'",
    "manifest_src": "'self'",
}

PAGE: Final = policy(**OWN, img_src="'self' data:", font_src="'self'")
"""Of our own pages: what is ours, and nothing written into the page."""

IDE: Final = policy(
    **{**OWN, "style_src": "'self' 'unsafe-inline'"},
    img_src="'self' data:",
    font_src="'self' data:",
    worker_src="'self'",
)
"""Of GraphiQL: its editor writes its styles by itself, and thinks in workers."""

SCRIPT: Final = policy(script_src="'self'", connect_src="'self'")
"""Of a script, for when it is a worker's."""

PICTURE: Final = policy(style_src="'unsafe-inline'") + "; sandbox"
"""Of a drawing that somebody opens by itself."""

NOTHING: Final = policy()

EVERYWHERE: Final = {
    "content-security-policy": NOTHING,
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}

ON_PAGES: Final = {
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": ", ".join(
        f"{name}=()"
        for name in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb", "serial")
    ),
}

_EVERYWHERE: Final = [(name.encode(), value.encode()) for name, value in EVERYWHERE.items()]


class Guarded:
    """ASGI middleware: whatever an answer does not say by itself, it says as all do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and have the answer's head completed."""

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = [*message["headers"]]
                names = dict(said)
                message["headers"] = said + [each for each in _EVERYWHERE if each[0] not in names]
            await send(message)

        await self._app(scope, receive, completed if scope["type"] == "http" else send)
