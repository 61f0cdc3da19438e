"""Runs a process's ASGI application, and ends it so that nothing under way is lost."""

import asyncio
import gc
import linecache
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from json import JSONDecodeError
from types import FrameType
from typing import Any, TypeVar

import uvicorn
from pydantic import ValidationError
from pydantic_settings import SettingsError
from starlette.applications import Starlette
from starlette.types import ASGIApp

from services.chassis import logs
from services.chassis.health import Farewell, Health, Step
from services.chassis.protocol import HttpProtocol
from services.chassis.settings import ProcessSettings
from services.chassis.watchdog import Watchdog
from services.chassis.wire import Wire, http_over

S = TypeVar("S", bound=ProcessSettings)

WebSockets = Callable[[Wire], type[asyncio.Protocol]]
"""The protocol of WebSockets within these limits, for uvicorn."""

SWITCHES_EVERY_SECONDS = 0.0005
"""So long may the event loop keep a thread that has an answer of the database from handing it over."""

TICKS_A_SECOND = 10
"""How often uvicorn ticks."""

LISTENS_EVERY_SECONDS = 0.1
"""How often we see whether all who came in last have said what they want."""

LISTENS_AT_MOST = 40
"""How many times; who says nothing for so long is hung up on.

A proxy's pool may hold a connection that it made and has not needed yet. It uses it at any moment, until it
gives up what is idle: that is to be sooner than this.
"""


class _Server(uvicorn.Server):
    """A server that, told to stop, first says 'not ready' for a while and only then closes the door."""

    def __init__(
        self, config: uvicorn.Config, health: Health, drain_seconds: float, watchdog: Watchdog
    ) -> None:
        super().__init__(config)
        self._health = health
        self._drain_seconds = drain_seconds
        self._watchdog = watchdog

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS_A_SECOND == 0:
            self._watchdog.feed(self._health)
        return await super().on_tick(counter)

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
        self._watchdog.rest()
        await self._close_the_door()
        await end(self.config, self._health.on_close)
        await super().shutdown(sockets)

    async def _close_the_door(self) -> None:
        await asyncio.sleep(0)  # once round the loop: whoever has knocked is let in, and not reset
        for server in self.servers:
            server.close()
        if self._drain_seconds:
            await self._listen_to_the_last()

    async def _listen_to_the_last(self) -> None:
        for _ in range(LISTENS_AT_MOST):
            await asyncio.sleep(LISTENS_EVERY_SECONDS)
            if not any(_has_yet_to_speak(each) for each in self.server_state.connections):
                return


def _has_yet_to_speak(connection: object) -> bool:
    return isinstance(connection, HttpProtocol) and not connection.has_spoken


async def end(config: uvicorn.Config, steps: Sequence[Step]) -> None:
    """Let all that stays open end by itself; what is left of the time is for requests in flight."""
    loop = asyncio.get_running_loop()
    seconds = config.timeout_graceful_shutdown or 1
    deadline = loop.time() + seconds
    with suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            await asyncio.gather(*(step() for step in steps))
    config.timeout_graceful_shutdown = max(1, round(deadline - loop.time()))


def configuration(
    app: ASGIApp,
    wire: Wire | None = None,
    proxies: Sequence[str] = (),
    websockets: WebSockets | None = None,
    **options: Any,
) -> uvicorn.Config:
    """How every process serves; only `proxies` say where a client is, and few take WebSockets.

    `options` are uvicorn's.
    """
    wire = wire or Wire()
    return uvicorn.Config(
        app,
        http=http_over(wire),
        ws=websockets(wire) if websockets else "none",
        ws_max_size=wire.frame_bytes,
        ws_ping_interval=wire.ping_seconds,
        ws_ping_timeout=wire.ping_seconds,
        ws_per_message_deflate=False,
        timeout_keep_alive=75,
        lifespan="on",
        access_log=False,
        server_header=False,
        log_config=None,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        **options,
    )


def serve(
    app: Starlette,
    settings: ProcessSettings,
    part: str,
    wire: Wire | None = None,
    websockets: WebSockets | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. `app.state.health` is told when it ends."""
    logs.configure(settings, part)
    health: Health = app.state.health
    config = configuration(
        Farewell(app, health),
        wire,
        settings.trusted_proxies,
        websockets,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    sys.setswitchinterval(SWITCHES_EVERY_SECONDS)
    linecache.clearcache()  # the driver writes down where it was made, and that keeps whole files
    gc.collect()
    gc.freeze()  # what is there from the start stays: looking through it each time would hold up everybody
    _Server(config, health, settings.drain_seconds, Watchdog(settings.watchdog_seconds)).run()


def settings_or_exit(kind: type[S]) -> S:
    """Read settings; say which are wrong, a line each, and exit with status 2."""
    try:
        return kind()
    except SettingsError as error:
        reason = (
            "lists are written as JSON" if isinstance(error.__cause__, JSONDecodeError) else error.__cause__
        )
        sys.stderr.write(f"{error}: {reason}\n")
        sys.exit(2)
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            sys.stderr.write(f"setting {name}: {problem['msg']}\n")
        sys.exit(2)
