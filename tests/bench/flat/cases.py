"""Customers with few orders and with many, and the pages of theirs that are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from rich.progress import track

from bff.mypage import MyPage, cursor
from schema.views import OrderStatus
from services.chassis import mongo
from services.mypage.projection import page_of
from services.mypage.store import MongoPages
from tests import facts
from tests.bff.test_mypage_costs import Explain

FEW = 20
SHOWN = 10
INSERTED_AT_ONCE = 5000


@dataclass(slots=True)
class Case:
    """A page that is asked for, and what it took."""

    name: str
    customer: str
    after: str | None = None
    status: list[OrderStatus] | None = None
    keys: int = 0
    documents: int = 0
    gateway_us: list[float] = field(default_factory=list)
    mongod_us: list[float] = field(default_factory=list)

    @property
    def microseconds(self) -> float:
        """CPU of a request, in the gateway and in mongod."""
        return median(self.gateway_us) + median(self.mongod_us)

    @property
    def variables(self) -> dict[str, Any]:
        """What the storefront would send."""
        names = [each.name for each in self.status or ()]
        return {"first": SHOWN, "after": self.after} | ({"filter": {"status": names}} if names else {})

    async def explain(self, collection: mongo.Collection) -> None:
        """Have the database say what it examines."""
        looking = Explain(collection)
        await MyPage(looking).newest(self.customer, SHOWN, self.after, self.status)  # type: ignore[arg-type]
        said = looking.said["executionStats"]
        self.keys, self.documents = said["totalKeysExamined"], said["totalDocsExamined"]


def placed_at(number: int) -> datetime:
    """A customer's orders are a second apart."""
    return facts.after(number)


def order_id(customer: str, number: int) -> str:
    """They are in the order of their numbers."""
    return f"{customer}-{number:08}"


async def keep(collection: mongo.Collection, customer: str, count: int) -> None:
    """So many orders, paid, each the copy of one that mypage made."""
    pages = MongoPages(collection)
    await pages.prepare()
    first = order_id(customer, 0)
    told = (
        facts.placed(first, customer_id=customer, at=placed_at(0)),
        facts.approved(first, at=placed_at(1)),
    )
    await pages.add([page_of(first, told)], {})
    [kept] = await collection.find({"_id": first}).to_list(1)
    for start in track(range(1, count, INSERTED_AT_ONCE), f"orders of {customer}", transient=True):
        numbers = range(start, min(start + INSERTED_AT_ONCE, count))
        copies = [kept | {"_id": order_id(customer, each), "placed_at": placed_at(each)} for each in numbers]
        await collection.insert_many(copies, ordered=False)


def cases(many: int, depths: Sequence[int] = (1, 1000, 4000)) -> list[Case]:
    """First pages and deep ones, of all orders and of those that are paid."""

    def deep(page: int) -> str:
        number = many - page * SHOWN
        return cursor(placed_at(number), order_id("many", number))

    paid = [OrderStatus.PAID]
    depths = [page for page in depths if page * SHOWN < many - SHOWN]
    return [
        Case(f"{FEW} orders, first page", "few"),
        Case(f"{many:,} orders, first page", "many"),
        *(Case(f"{many:,} orders, after page {page:,}", "many", deep(page)) for page in depths),
        Case(f"{FEW} orders, paid, first page", "few", status=paid),
        Case(f"{many:,} orders, paid, first page", "many", status=paid),
        *(Case(f"{many:,} orders, paid, after page {page:,}", "many", deep(page), paid) for page in depths),
    ]
