"""Orders of many customers, kept as mypage keeps them."""

from collections.abc import Iterator

from schema.events import Event
from services.chassis import mongo
from services.mypage.projection import Page, take_in
from services.mypage.store import MongoPages
from tests import facts

CUSTOMERS = 64
ORDERS_EACH = 22


def customers() -> list[str]:
    """Who asks."""
    return [f"customer-{number}" for number in range(CUSTOMERS)]


async def keep_orders(collection: mongo.Collection) -> None:
    """Paid, and on their way."""
    pages = MongoPages(collection)
    await pages.prepare()
    await pages.add(list(_pages()), {})


def _pages() -> Iterator[Page]:
    for customer in customers():
        for number in range(ORDERS_EACH):
            page = None
            for fact in _story(f"{customer}-{number}", customer, number):
                page = take_in(page, fact)
            assert page is not None
            yield page


def _story(order_id: str, customer: str, number: int) -> tuple[Event, ...]:
    return (
        facts.placed(order_id, customer_id=customer, at=facts.after(number)),
        facts.approved(order_id, at=facts.after(number + 1)),
        facts.started(order_id, at=facts.after(number + 2)),
    )
