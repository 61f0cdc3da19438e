"""The delivery service: its routes, what it hears, and how it is put together."""

from datetime import timedelta
from functools import partial
from typing import get_args

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema.events import DeliveryEvent, Event
from schema.requests import DeliveryReply
from schema.views import DeliveryStatus
from services.chassis import http
from services.chassis.background import forever
from services.chassis.carried import carried
from services.chassis.clock import now
from services.chassis.collecting import Collector
from services.chassis.feed import Feed
from services.chassis.room import Room
from services.chassis.serve import serve, settings_or_exit
from services.chassis.taking_in import Heard, taken
from services.delivery import handlers
from services.delivery.domain import Delivery
from services.delivery.settings import DeliverySettings
from services.delivery.store import ENTRY, MongoDeliveries

SANDBOX_LOOKS_EVERY_SECONDS = 0.5

HEARD_EVERY_SECONDS = 0.1
"""Deliveries begin and end in company: nobody waits for one as they do for an answer."""


class Routes:
    """What the courier can ask over HTTP."""

    def __init__(self, deliveries: MongoDeliveries) -> None:
        self._deliveries = deliveries

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            Route("/deliveries/{order_id}", self.find, methods=["GET"]),
            Route("/deliveries/{order_id}/complete", self.complete, methods=["POST"]),
        ]

    async def find(self, request: Request) -> Response:
        """The delivery as it stands: 200, 404."""
        return _answer(await self._deliveries.load(request.path_params["order_id"]))

    async def complete(self, request: Request) -> Response:
        """Hand it over: 200 done (also before), 404, 409 where it was stopped."""
        delivery = await handlers.complete(request.path_params["order_id"], self._deliveries, now)
        done = delivery is None or delivery.status is DeliveryStatus.DELIVERED
        return _answer(delivery, 200 if done else 409)


def _answer(delivery: Delivery | None, status: int = 200) -> Response:
    if delivery is None:
        return http.refusal(404, "There is no delivery for this order.")
    body = DeliveryReply(
        order_id=delivery.order_id,
        status=delivery.status,
        shipping=delivery.shipping,
        facts=delivery.facts,
    )
    return http.reply(body, status)


def build(settings: DeliverySettings) -> Starlette:
    """Put the service together; nothing is opened yet."""
    room = Room("delivery", settings, needs_bus=True)
    outbox = room.outbox(room.database["deliveries"])
    deliveries = MongoDeliveries(room.database["deliveries"], outbox)

    together = Collector(
        partial(handlers.hear_all, deliveries=deliveries, clock=now), pace_seconds=HEARD_EVERY_SECONDS
    )

    async def hear(fact: Event) -> None:
        became = taken(await together.take_in(Heard(fact, carried())))
        await handlers.answer_again(became, now, room.bus.tell)

    async def play_courier() -> None:
        after = timedelta(seconds=settings.delivery_sandbox_seconds)
        await handlers.complete_what_took(after, deliveries, now)

    courier = partial(forever, "play the courier", play_courier, seconds=SANDBOX_LOOKS_EVERY_SECONDS)
    room.bus.will_tell(*get_args(DeliveryEvent))
    room.bus.hear("delivery", hear)
    feed = Feed(room.database["deliveries"], ENTRY)
    return room.app(
        [*Routes(deliveries).routes(), *feed.routes()],
        prepare=[deliveries.prepare, outbox.prepare],
        outbox=outbox,
        work=[courier] if settings.delivery_sandbox else [],
    )


def main() -> None:
    """Run the service as the environment says."""
    settings = settings_or_exit(DeliverySettings)
    serve(build(settings), settings, "delivery")


if __name__ == "__main__":
    main()
