"""Runs a process's ASGI application, and ends it so that nothing under way is lost."""

import asyncio
import socket
import sys
from types import FrameType
from typing import TypeVar

import uvicorn
from pydantic import ValidationError
from pydantic_settings import SettingsError
from starlette.applications import Starlette

from services.chassis import logs
from services.chassis.health import Health
from services.chassis.settings import ProcessSettings

S = TypeVar("S", bound=ProcessSettings)

MAX_FRAME_BYTES = 64 * 1024
SOCKETS_FIRST_SECONDS = 0.1
"""WebSockets are told to reconnect before anything else ends what they carry."""


class _Server(uvicorn.Server):
    """A server that, told to stop, first says 'not ready' for a while and only then closes the door."""

    def __init__(self, config: uvicorn.Config, health: Health, drain_seconds: float) -> None:
        super().__init__(config)
        self._health = health
        self._drain_seconds = drain_seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._health.draining or not self._drain_seconds:
            self._health.draining = True
            super().handle_exit(sig, frame)
            return
        self._health.draining = True
        loop = asyncio.get_running_loop()
        close = super().handle_exit
        loop.call_soon_threadsafe(loop.call_later, self._drain_seconds, close, sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        for close in self._health.on_close:
            loop.call_later(SOCKETS_FIRST_SECONDS, close)
        await super().shutdown(sockets)


def serve(app: Starlette, settings: ProcessSettings, part: str) -> None:
    """Serve until SIGTERM or SIGINT. `app.state.health` is told when it ends."""
    logs.configure(settings, part)
    _Server(configuration(app, settings), app.state.health, settings.drain_seconds).run()


def configuration(app: Starlette, settings: ProcessSettings) -> uvicorn.Config:
    """How a process is served."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME_BYTES,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        lifespan="on",
        access_log=False,
        server_header=False,
        log_config=None,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )


def settings_or_exit(kind: type[S]) -> S:
    """Read settings; say which are wrong, a line each, and exit with status 2."""
    try:
        return kind()
    except SettingsError as error:
        sys.stderr.write(f"{error}: lists are written as JSON\n")
        sys.exit(2)
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            sys.stderr.write(f"setting {name}: {problem['msg']}\n")
        sys.exit(2)
