"""The mypage service: what it hears, and how it is put together."""

from prometheus_client import Histogram
from starlette.applications import Starlette

from schema.events import Event
from schema.views import MYPAGE_ORDERS
from services.chassis.clock import now
from services.chassis.feed import Feed
from services.chassis.room import Room
from services.chassis.serve import serve, settings_or_exit
from services.chassis.settings import ProcessSettings
from services.mypage import handlers
from services.mypage.store import ENTRY, MongoPages


def build(settings: ProcessSettings) -> Starlette:
    """Put the service together; nothing is opened yet."""
    room = Room("mypage", settings, needs_bus=True)
    pages = MongoPages(room.database[MYPAGE_ORDERS])
    lag = Histogram(
        "projection_lag_seconds",
        "From a fact's moment to its being in MyPage.",
        registry=room.registry,
        buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    )

    async def hear(fact: Event) -> None:
        await handlers.hear(fact, pages, room.bus.announce)
        lag.observe(max(0.0, (now() - fact.at).total_seconds()))

    room.bus.will_announce()
    room.bus.hear("mypage", hear)
    return room.app(Feed(room.database[MYPAGE_ORDERS], ENTRY).routes(), prepare=[pages.prepare])


def main() -> None:
    """Run the service as the environment says."""
    settings = settings_or_exit(ProcessSettings)
    serve(build(settings), settings, "mypage")


if __name__ == "__main__":
    main()
