"""Assembles a service: database, bus, health, metrics, and the life of it all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from services.chassis import http, metrics, mongo
from services.chassis.background import closed, running
from services.chassis.bus import Bus
from services.chassis.commands import listeners
from services.chassis.entrance import Entrance
from services.chassis.health import Dependency, Health
from services.chassis.logs import logger
from services.chassis.outbox import Outbox
from services.chassis.settings import ProcessSettings
from services.chassis.telemetry import Telemetry
from services.chassis.trust import Credentials, Guard, Trust, credentials

log = logger(__name__)

Step = Callable[[], Awaitable[Any]]


class Room:
    """One service's connections. Nothing is opened before the application's life begins."""

    def __init__(self, name: str, settings: ProcessSettings, *, needs_bus: bool) -> None:
        self.name = name
        self.settings = settings
        self.telemetry = Telemetry(settings, name)
        self.client = mongo.connect(settings, listeners(self.telemetry))
        self.database = mongo.database(self.client, settings, name)
        self.registry = metrics.registry()
        self._trust = Trust(name, settings, self.registry)
        self._lag = metrics.LoopLag(self.registry)
        self.bus = Bus(settings, self.registry, self.telemetry)
        self._prepared = False
        self.health = Health(
            {
                "mongodb": Dependency(lambda: mongo.answers(self.client)),
                "rabbitmq": Dependency(self.bus.connected, required=needs_bus, detail=self.bus.detail),
                "indexes": Dependency(self._is_prepared),
            },
            stuck=self.bus.is_deaf_for_good,
            registry=self.registry,
        )

    @property
    def prepared(self) -> bool:
        """Whether the indexes have been there once: without them two could get what one may have."""
        return self._prepared

    def shows(self, service: str) -> Credentials:
        """What this service shows to another one that it asks."""
        return credentials(self.name, service, self.settings.service_secret.get_secret_value())

    def outbox(self, collection: mongo.Collection) -> Outbox:
        """The outbox of a collection, told over this room's bus."""
        return Outbox(
            collection, self.bus.tell, self.registry, sweep_seconds=self.settings.outbox_sweep_seconds
        )

    def app(
        self,
        routes: Sequence[BaseRoute],
        *,
        prepare: Sequence[Step],
        outbox: Outbox | None = None,
        work: Sequence[Callable[[], Coroutine[None, None, None]]] = (),
        close: Sequence[Step] = (),
    ) -> Starlette:
        """Make the application.

        `prepare` (indexes) is tried until it works; `work` goes on beside requests; `close` comes last.
        """

        @asynccontextmanager
        async def life(_: Starlette) -> AsyncIterator[None]:
            self.telemetry.start()
            relay = [outbox.run()] if outbox else []
            beside = [each() for each in work]
            async with running(*self._always(prepare), *relay, *beside):
                yield
                await self.bus.stop_hearing()
                if outbox:  # what cannot be told now is found by whoever starts next
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self.settings.publish_timeout_seconds):
                            await outbox.flush()
            await closed(*close)
            await self.bus.stop()
            mongo.close(self.client)
            await self.telemetry.stop()

        app = Starlette(
            routes=[*routes, *self.health.routes(), metrics.route(self.registry)],
            middleware=[
                Middleware(Entrance, telemetry=self.telemetry),
                Middleware(Guard, trust=self._trust),
            ],
            lifespan=life,
            exception_handlers=http.EXCEPTION_HANDLERS,
        )
        app.router.redirect_slashes = False  # a redirect would say our own address
        app.state.health = self.health
        app.state.bus = self.bus
        app.state.prepare = prepare
        app.state.registry = self.registry
        return app

    def _always(self, prepare: Sequence[Step]) -> list[Coroutine[None, None, None]]:
        return [self.bus.run(), self._prepare(prepare), self._lag.sample()]

    async def _prepare(self, prepare: Sequence[Step]) -> None:
        while not self._prepared:
            try:
                for each in prepare:
                    await each()
            except mongo.Error as error:
                log.warning("the database is not prepared yet", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(1)
            else:
                self._prepared = True

    async def _is_prepared(self) -> bool:
        return self._prepared
