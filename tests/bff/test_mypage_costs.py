from datetime import timedelta
from typing import Any

import pytest

from bff.mypage import LONG_AGO, MAX_PAGE, MyPage
from schema.views import OrderStatus
from services.chassis import mongo
from services.mypage.store import MongoPages
from tests.bff.keeping import after, keep_order
from tests.facts import CUSTOMER


class Explain:
    """Runs the very query that MyPage makes, and says how the database answered it."""

    def __init__(self, collection: mongo.Collection) -> None:
        self._collection = collection
        self.said: dict[str, Any] = {}

    @property
    def codec_options(self) -> Any:
        return self._collection.codec_options

    def with_options(self, **options: Any) -> "Explain":
        self._collection = self._collection.with_options(**options)
        return self

    def find(self, *arguments: Any) -> "Explain":
        self._cursor = self._collection.find(*arguments)
        return self

    def sort(self, order: Any) -> "Explain":
        self._cursor = self._cursor.sort(order)
        return self

    def limit(self, count: int) -> "Explain":
        self._cursor = self._cursor.limit(count)
        return self

    async def to_list(self, _: int) -> list[mongo.Document]:
        self.said = await self._cursor.explain()
        return []


def stages(plan: dict[str, Any]) -> list[dict[str, Any]]:
    below = [*plan.get("inputStages", []), *([plan["inputStage"]] if "inputStage" in plan else [])]
    return [plan, *(stage for each in below for stage in stages(each))]


@pytest.mark.parametrize("further", [False, True])
@pytest.mark.parametrize(
    ("status", "indexes"),
    [
        (None, {"newest"}),
        ([OrderStatus.PAID], {"newest", "newest_by_status"}),
        ([OrderStatus.CANCELED], {"newest_by_status"}),
        ([OrderStatus.CANCELED, OrderStatus.PAYMENT_DECLINED], {"newest_by_status"}),
        (list(OrderStatus), {"newest", "newest_by_status"}),
    ],
)
async def test_a_page_costs_what_it_shows_not_what_there_is(
    database: mongo.Database,
    pages: MongoPages,
    mypage: MyPage,
    further: bool,  # noqa: FBT001 - a parameter of the test
    status: list[OrderStatus] | None,
    indexes: set[str],
) -> None:
    rare = {30: OrderStatus.CANCELED, 31: OrderStatus.PAYMENT_DECLINED}
    for number in range(120):
        await keep_order(pages, f"order-{number:03}", number // 2, rare.get(number % 60, OrderStatus.PAID))
    last = (await mypage.newest(CUSTOMER, 50)).orders[-1]
    explain = Explain(database["orders"])
    looking = MyPage(explain)  # type: ignore[arg-type] # as much of a collection as it uses
    await looking.newest(CUSTOMER, 5, after(last) if further else None, status)
    used = stages(explain.said["queryPlanner"]["winningPlan"])
    assert {stage["stage"] for stage in used}.isdisjoint({"SORT", "COLLSCAN"})
    assert {stage["indexName"] for stage in used if "indexName" in stage} <= indexes
    assert explain.said["executionStats"]["totalDocsExamined"] <= 10


@pytest.mark.parametrize("customers", [[CUSTOMER], [CUSTOMER, "customer-2", "customer-3"]], ids=len)
async def test_what_changed_last_costs_what_changed(
    database: mongo.Database, pages: MongoPages, customers: list[str]
) -> None:
    for number in range(60):
        await keep_order(pages, f"order-{number:03}", number, customer_id=customers[number % len(customers)])
    for number in range(55):
        long_ago = {"$set": {"changed_at": LONG_AGO + timedelta(seconds=number)}}
        await database["orders"].update_one({"_id": f"order-{number:03}"}, long_ago)
    explain = Explain(database["orders"])
    looking = MyPage(explain)  # type: ignore[arg-type] # as much of a collection as it uses
    async for _ in looking.changes(customers, LONG_AGO + timedelta(days=1)):
        pytest.fail("it only explains")
    used = stages(explain.said["queryPlanner"]["winningPlan"])
    assert {stage["stage"] for stage in used}.isdisjoint({"SORT", "COLLSCAN"})
    assert {stage["indexName"] for stage in used if "indexName" in stage} == {"last_changed"}
    assert explain.said["executionStats"]["totalDocsExamined"] == 5


async def test_an_old_position_costs_no_more_than_its_pages(
    database: mongo.Database, pages: MongoPages
) -> None:
    for number in range(120):
        await keep_order(pages, f"order-{number:03}")
    await database["orders"].update_many({}, {"$set": {"changed_at": LONG_AGO}})
    mypage = MyPage(database["orders"])
    sizes = [len(views) async for views in mypage.changes([CUSTOMER], LONG_AGO)]
    assert sizes == [MAX_PAGE, MAX_PAGE, 20], "also where all changed in one moment"
