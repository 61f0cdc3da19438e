"""The mypage service: its routes, what it hears, and how it is put together."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from prometheus_client import Histogram
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema.events import Event
from schema.rebuild import StartRebuild
from schema.views import MYPAGE_ORDERS
from services.chassis import http, telemetry
from services.chassis.background import forever
from services.chassis.clock import now
from services.chassis.collecting import Collector
from services.chassis.feed import Feed
from services.chassis.healing import Hearing, healing
from services.chassis.room import Room
from services.chassis.serve import serve, settings_or_exit
from services.chassis.upstream import Upstream
from services.mypage import handlers, together
from services.mypage.announcing import Announcer
from services.mypage.asking import Sources
from services.mypage.control import Control
from services.mypage.rebuild import Rebuilder
from services.mypage.settings import MypageSettings
from services.mypage.store import ENTRY, MongoPages
from services.mypage.together import Outcome
from services.mypage.watchdog import Watchdog

TAKES_IN_EVERY_SECONDS = 0.05
"""So long what comes collects, unless nothing came before it, or half of what is prefetched waits."""

WATCH_SECONDS = 1.0
"""How often to look for pages that wait."""


class Routes:
    """What an operator can ask."""

    def __init__(self, rebuilder: Rebuilder) -> None:
        self._rebuilder = rebuilder

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            Route("/rebuild", self.seen, methods=["GET"]),
            Route("/rebuild", self.start, methods=["POST"]),
        ]

    async def seen(self, _: Request) -> Response:
        """How far the last rebuild is, or how it ended."""
        return http.reply(await self._rebuilder.seen())

    async def start(self, request: Request) -> Response:
        """Make all pages anew: 202 it has begun, 409 one is under way."""
        started = await self._rebuilder.start(await http.body_of(request, StartRebuild))
        return http.reply(await self._rebuilder.seen(), 202 if started else 409)


def build(settings: MypageSettings) -> Starlette:
    """Put the service together; nothing is opened yet."""
    room = Room("mypage", settings, needs_bus=True)
    pages = MongoPages(room.database[MYPAGE_ORDERS])
    urls = {"order": settings.order_url, "payment": settings.payment_url, "delivery": settings.delivery_url}
    sources = {name: Upstream(url, room.shows(name)) for name, url in urls.items()}
    rebuilder = Rebuilder(room.database, Control(room.database["rebuild"]), sources)
    lag = Histogram(
        "projection_lag_seconds",
        "From a fact's moment to its being in MyPage.",
        registry=room.registry,
        buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    )

    async def take_in_all(facts: Sequence[Event]) -> Sequence[Outcome]:
        return await together.take_in_all(facts, pages, rebuilder.rebuilt)

    collector = Collector(take_in_all, max(1, settings.prefetch // 2), pace_seconds=TAKES_IN_EVERY_SECONDS)
    announcer = Announcer(room.bus.announce)

    async def take_in(fact: Event) -> bool:
        with telemetry.child("project"):
            new = await handlers.tell(await collector.take_in(fact), announcer.announce)
        lag.observe(max(0.0, (now() - fact.at).total_seconds()))
        return new

    async def hear(fact: Event) -> None:
        await take_in(fact)

    watchdog = Watchdog(pages, Sources(sources).facts, take_in, now, healing(room.registry))
    hearing = Hearing(room.bus.connected, now)

    async def remind() -> None:
        """Where the bus was silent meanwhile, facts may only be late."""
        patience = timedelta(seconds=settings.mypage_remind_seconds)
        if await hearing.lasted(patience):
            await watchdog.look(patience)

    room.bus.will_announce()
    room.bus.hear("mypage", hear)
    return room.app(
        [*Routes(rebuilder).routes(), *Feed(room.database[MYPAGE_ORDERS], ENTRY).routes()],
        prepare=[pages.prepare],
        work=[
            rebuilder.run,
            partial(forever, "look after pages that wait", remind, seconds=WATCH_SECONDS),
        ],
        close=[source.close for source in sources.values()],
    )


def main() -> None:
    """Run the service as the environment says."""
    settings = settings_or_exit(MypageSettings)
    serve(build(settings), settings, "mypage")


if __name__ == "__main__":
    main()
