"""The order service: its routes, what it hears, and how it is put together."""

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final, get_args

from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema.events import DeliveryStarted, Event, OrderEvent, PaymentApproved
from schema.fruit import Fruit
from schema.requests import (
    MAX_FOUND,
    CancelOrder,
    FindOrders,
    FoundOrders,
    OrderReply,
    PlaceOrder,
    Problem,
    Problems,
)
from services.chassis import http
from services.chassis.background import forever
from services.chassis.carried import carried
from services.chassis.clock import now
from services.chassis.collecting import Collector
from services.chassis.feed import Feed
from services.chassis.healing import Hearing, healing
from services.chassis.room import Room
from services.chassis.serve import serve, settings_or_exit
from services.chassis.taking_in import Heard, taken
from services.chassis.upstream import Upstream
from services.order import catalogue, handlers
from services.order.domain import Order, TooLate
from services.order.payments import Payments
from services.order.settings import OrderSettings
from services.order.store import ENTRY, MongoOrders
from services.order.watchdog import Watchdog

FRUITS = TypeAdapter(list[Fruit])

FIND_BYTES = MAX_FOUND * 4 * 1024
"""The most that a request to find orders has."""

HURRIES_NOBODY: Final = (PaymentApproved, DeliveryStarted)
"""Facts after which an order can be canceled as before. All others change that, and are taken in at once."""

HEARD_EVERY_SECONDS: Final = 0.1
"""What hurries nobody is taken in together: customers wait for orders that are being placed."""


class Routes:
    """What can be asked over HTTP; requests and replies are those of `schema.requests`.

    Commands are answered 503 until the orders are `prepared`: only then is a key one order's.
    """

    def __init__(
        self, orders: handlers.Orders, fruits: Mapping[str, Fruit], prepared: Callable[[], bool]
    ) -> None:
        self._orders = orders
        self._fruits = fruits
        self._prepared = prepared

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            Route("/fruits", self.fruits, methods=["GET"]),
            Route("/orders", self.place, methods=["POST"]),
            Route("/orders/find", self.find, methods=["POST"]),
            Route("/orders/{order_id}/cancel", self.cancel, methods=["POST"]),
        ]

    async def fruits(self, _: Request) -> Response:
        """The catalogue."""
        body = FRUITS.dump_json(list(self._fruits.values()))
        return Response(body, media_type="application/json")

    async def place(self, request: Request) -> Response:
        """Place an order: 201 new, 200 the same intention again, 422 Problems, 503 ask again."""
        self._refuse_unprepared()
        command = await http.body_of(request, PlaceOrder)
        new_id = str(uuid.uuid4())
        outcome = await handlers.place(command, self._orders, self._fruits, new_id, now)
        if isinstance(outcome, Problem):
            return http.reply(Problems(problems=(outcome,)), 422)
        return http.reply(_reply(outcome.order), 201 if outcome.new else 200)

    async def find(self, request: Request) -> Response:
        """Find what the same intentions placed: 200."""
        command = await http.body_of(request, FindOrders, FIND_BYTES)
        return http.reply(FoundOrders(found=tuple(map(_found, await handlers.find(command, self._orders)))))

    async def cancel(self, request: Request) -> Response:
        """Cancel an order: 200 it is canceled, 404, 409 too late, 503 ask again."""
        self._refuse_unprepared()
        command = await http.body_of(request, CancelOrder)
        outcome = await handlers.cancel(request.path_params["order_id"], command, self._orders, now)
        if outcome is None:
            return http.refusal(404, "This customer has no such order.")
        if isinstance(outcome, TooLate):
            return http.reply(_reply(outcome.order), 409)
        return http.reply(_reply(outcome))

    def _refuse_unprepared(self) -> None:
        if not self._prepared():
            raise HTTPException(503, "The orders' indexes are still being made: ask again in a moment.")


def _found(outcome: Order | Problem | None) -> OrderReply | Problems | None:
    if isinstance(outcome, Problem):
        return Problems(problems=(outcome,))
    return _reply(outcome) if outcome else None


def _reply(order: Order) -> OrderReply:
    return OrderReply(
        order_id=order.order_id,
        attempt=order.attempt,
        payment_method=order.payment_method,
        facts=order.facts,
    )


def build(settings: OrderSettings) -> Starlette:
    """Put the service together; nothing is opened yet."""
    room = Room("order", settings, needs_bus=False)
    outbox = room.outbox(room.database["orders"])
    orders = MongoOrders(room.database["orders"], outbox)
    upstream = Upstream(settings.payment_url, room.shows("payment"))
    payments = Payments(upstream)

    hear_all = partial(handlers.hear_all, orders=orders, clock=now)
    at_once, in_company = Collector(hear_all), Collector(hear_all, pace_seconds=HEARD_EVERY_SECONDS)

    async def hear(fact: Event) -> None:
        together = in_company if isinstance(fact, HURRIES_NOBODY) else at_once
        taken(await together.take_in(Heard(fact, carried())))

    watchdog = Watchdog(orders, now, payments.facts, room.bus.tell, healing(room.registry))
    hearing = Hearing(room.bus.connected, now)

    async def settle_unpaid() -> None:
        """Where the bus was silent meanwhile, an approval may only be late: its patience starts over."""
        patience = timedelta(seconds=settings.order_payment_patience_seconds)
        if await hearing.lasted(patience):
            await watchdog.settle_unpaid(patience)

    async def remind() -> None:
        """Where the bus was silent meanwhile, so were those who would have answered."""
        patience = timedelta(seconds=settings.order_remind_seconds)
        if await hearing.lasted(patience):
            await watchdog.remind(patience)

    every = settings.order_watch_seconds
    room.bus.will_tell(*get_args(OrderEvent))
    room.bus.hear("order", hear)
    feed = Feed(room.database["orders"], ENTRY)
    return room.app(
        [*Routes(orders, catalogue.load(), lambda: room.prepared).routes(), *feed.routes()],
        prepare=[orders.prepare, outbox.prepare],
        outbox=outbox,
        work=[
            partial(forever, "watch for unpaid orders", settle_unpaid, seconds=every),
            partial(forever, "remind of what is overdue", remind, seconds=every),
        ],
        close=[upstream.close],
    )


def main() -> None:
    """Run the service as the environment says."""
    settings = settings_or_exit(OrderSettings)
    serve(build(settings), settings, "order")


if __name__ == "__main__":
    main()
