"""Pages, written as mypage writes them."""

from collections.abc import Callable

from bff.mypage import cursor
from schema.events import Event
from schema.views import OrderStatus, OrderView
from services.mypage.projection import take_in
from services.mypage.store import MongoPages
from tests import facts
from tests.facts import CUSTOMER

NEXT: dict[OrderStatus, Callable[..., Event]] = {
    OrderStatus.PAID: facts.approved,
    OrderStatus.PAYMENT_DECLINED: facts.declined,
    OrderStatus.CANCELED: facts.canceled,
}


def after(order: OrderView) -> str:
    """The cursor of an order."""
    return cursor(order.placed_at, order.id)


async def take_in_more(pages: MongoPages, fact: Event) -> None:
    """What comes to an order that is kept already."""
    page = await pages.load(fact.order_id)
    await pages.keep(take_in(page, fact), page)


async def keep(pages: MongoPages, *told: Event) -> None:
    page = None
    for fact in told:
        page = take_in(page, fact)
    assert page is not None
    await pages.keep(page, None)


async def keep_order(
    pages: MongoPages,
    order_id: str,
    seconds: float = 0,
    status: OrderStatus = OrderStatus.PAYMENT_PENDING,
    customer_id: str = CUSTOMER,
) -> None:
    """An order placed so many seconds after noon."""
    told: list[Event] = [facts.placed(order_id, at=facts.after(seconds), customer_id=customer_id)]
    if make := NEXT.get(status):
        told.append(make(order_id, at=facts.after(seconds + 1)))
    await keep(pages, *told)
