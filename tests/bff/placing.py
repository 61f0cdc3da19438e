"""Ordering, wired as the gateway wires it, between an order service and a payment service that are stubs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from prometheus_client import CollectorRegistry

from bff import app
from bff.metrics import OrderingMetrics
from bff.ordering import Ordering, PlaceOutcome
from bff.orders import Orders
from bff.settings import BffSettings
from schema.events import CancelReason, Event
from schema.requests import CancelOrder, FindOrders, FoundOrders, OrderReply, PaymentReply, Problems
from schema.views import PaymentStatus
from services.chassis.upstream import Upstream
from tests import facts
from tests.bff.asking import SECRET
from tests.bff.serving import Heard, Script, Stub, reply

PLACED = reply(
    OrderReply(order_id=facts.ORDER, attempt=1, payment_method="card-ok", facts=(facts.placed(),)), 201
)
GIVEN_UP = facts.canceled(reason=CancelReason.PAYMENT_UNAVAILABLE)


def order(*told: Event, status: int = 200, attempt: int = 1) -> bytes:
    """The order service's answer: the order, and what became of it."""
    return reply(known(*told, attempt=attempt), status)


def known(*told: Event, attempt: int = 1) -> OrderReply:
    """What the order service says of the order: what became of it."""
    return OrderReply(
        order_id=facts.ORDER, attempt=attempt, payment_method="card-ok", facts=(facts.placed(), *told)
    )


def payment(status: PaymentStatus, *told: Event) -> bytes:
    """Payment's answer."""
    return reply(PaymentReply(order_id=facts.ORDER, status=status, facts=told))


def order_service(
    *, place: bytes = PLACED, find: OrderReply | Problems | None = None, cancel: bytes | None = None
) -> Script:
    """Answers by what is asked; finds nothing, and cancels as it is told, unless said otherwise."""
    answers = {"/orders": place, f"/orders/{facts.ORDER}/cancel": cancel or order(GIVEN_UP)}

    async def script(heard: Heard) -> bytes:
        if heard.path == "/orders/find":
            wanted = FindOrders.model_validate_json(heard.body).intentions
            return reply(FoundOrders(found=(find,) * len(wanted)))
        return answers[heard.path]

    return script


class Shop:
    """Ordering with its neighbours."""

    def __init__(self, orders: Stub, payments: Stub, settings: BffSettings) -> None:
        self.order_service, self.payment_service = orders, payments
        self.registry = CollectorRegistry()
        self.upstreams = Upstream(orders.url), Upstream(payments.url)
        self.orders = Orders(self.upstreams[0], settings.bff_order_timeout_ms / 1000)
        self.payments = app.payments(settings, self.upstreams[1], self.registry)
        self.ordering = Ordering(self.orders, self.payments, OrderingMetrics(self.registry))

    async def place(self, *, sent_before: bool = False) -> PlaceOutcome:
        """Order seven apples."""
        return await self.ordering.place(facts.place_order(), sent_before=sent_before)

    async def open_the_circuit(self) -> None:
        """Let payment fail until nobody is let through; the order service does not hear of it."""
        await self.payment_service.stop()
        while self.payments.breaker.state != "open":
            await self.payments.approve("order-0", facts.approve_payment())

    @property
    def asked(self) -> list[str]:
        """What the order service was asked."""
        return [heard.path.removeprefix(f"/orders/{facts.ORDER}/") for heard in self.order_service.heard]

    @property
    def canceled(self) -> list[CancelOrder]:
        """How the order service was asked to cancel."""
        heard = self.order_service.heard
        return [CancelOrder.model_validate_json(each.body) for each in heard if each.path.endswith("/cancel")]

    def told(self, outcome: str) -> float | None:
        """How often customers were told so."""
        labels = {"command": "placeOrder", "outcome": outcome}
        return self.registry.get_sample_value("ordering_outcomes_total", labels)


@asynccontextmanager
async def shop_of(orders: Stub, payments: Stub, **settings: Any) -> AsyncIterator[Shop]:
    """A shop whose circuit opens at the second failure; it waits for its neighbours, however slow."""
    orders.script = order_service()
    ours = {
        "auth_jwt_secret": SECRET,
        "bff_breaker_minimum_volume": 2,
        "bff_order_timeout_ms": 9000,
        "bff_payment_deadline_ms": 9000,
    }
    shop = Shop(orders, payments, BffSettings.model_validate({**ours, **settings}))
    yield shop
    await asyncio.gather(*(upstream.close() for upstream in shop.upstreams))
