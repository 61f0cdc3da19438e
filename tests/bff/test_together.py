"""Pages that are wanted at once are read by one command, and each is its own customer's."""

import asyncio
from typing import Any

import pymongo.errors
import pytest

from bff.mypage import MyPage
from bff.together import AT_MOST, Together
from schema.views import OrderStatus
from services.chassis import mongo
from services.mypage.store import MongoPages
from tests.bff.keeping import after, keep_order
from tests.bff.test_mypage_costs import stages

CUSTOMERS = [f"customer-{number}" for number in range(2 * AT_MOST + 3)]


class Watched:
    """A collection, and which commands it was given."""

    def __init__(self, collection: mongo.Collection, failing: int = 0) -> None:
        self._collection = collection
        self._failing = failing
        self.commands: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name in {"find", "aggregate"}:
            self.commands.append(name)
            if len(self.commands) <= self._failing:
                raise pymongo.errors.OperationFailure("swapped", 175)
        return getattr(self._collection, name)

    def with_options(self, **options: Any) -> "Watched":
        self._collection = self._collection.with_options(**options)
        return self


@pytest.fixture
async def kept_pages(pages: MongoPages) -> MongoPages:
    """Five orders of each customer, one of them canceled."""
    for customer in CUSTOMERS:
        for number in range(5):
            status = OrderStatus.CANCELED if number == 2 else OrderStatus.PAID
            await keep_order(pages, f"{customer}-{number}", number, status, customer)
    return pages


def watched(pages: MongoPages, failing: int = 0) -> tuple[Watched, MyPage]:
    collection = Watched(pages._collection, failing)
    return collection, MyPage(collection)  # type: ignore[arg-type] # it is one for all that matters


def numbers(page: Any) -> list[str]:
    return [document["_id"].rsplit("-", 1)[1] for document in page.documents]


async def test_each_is_given_a_page_of_their_own(kept_pages: MongoPages) -> None:
    collection, mypage = watched(kept_pages)
    found = await asyncio.gather(*(mypage.newest(customer, 3) for customer in CUSTOMERS))
    for customer, page in zip(CUSTOMERS, found, strict=True):
        assert {document["customer_id"] for document in page.documents} == {customer}
        assert (numbers(page), page.more) == (["4", "3", "2"], True)
        assert "facts" not in page.documents[0]
    assert collection.commands == ["aggregate"] * 3


async def test_also_where_they_want_different_pages(kept_pages: MongoPages) -> None:
    collection, mypage = watched(kept_pages)
    last = (await mypage.newest("customer-1", 2)).orders[-1]
    first, further, canceled, nothing = await asyncio.gather(
        mypage.newest("customer-0", 50),
        mypage.newest("customer-1", 2, after(last)),
        mypage.newest("customer-2", 2, status=[OrderStatus.CANCELED]),
        mypage.newest("nobody", 2),
    )
    assert (numbers(first), first.more) == (["4", "3", "2", "1", "0"], False)
    assert (numbers(further), further.more) == (["2", "1"], True)
    assert (numbers(canceled), canceled.more) == (["2"], False)
    assert (numbers(nothing), nothing.more) == ([], False)
    assert collection.commands == ["find", "aggregate"]


async def test_who_wants_two_pages_gets_both(kept_pages: MongoPages) -> None:
    _, mypage = watched(kept_pages)
    one, two = await asyncio.gather(
        mypage.newest("customer-0", 1), mypage.newest("customer-0", 1, status=[OrderStatus.CANCELED])
    )
    assert (numbers(one), numbers(two)) == (["4"], ["2"])


async def test_who_leaves_takes_nobody_along(kept_pages: MongoPages) -> None:
    _, mypage = watched(kept_pages)
    leaving = asyncio.create_task(mypage.newest("customer-0", 1))
    staying = asyncio.create_task(mypage.newest("customer-1", 1))
    await asyncio.sleep(0)
    leaving.cancel()
    assert numbers(await staying) == ["4"]


async def test_what_goes_wrong_is_told_to_all_and_what_is_swapped_meanwhile_read_again(
    kept_pages: MongoPages,
) -> None:
    collection, mypage = watched(kept_pages, failing=1)
    found = await asyncio.gather(*(mypage.newest(customer, 1) for customer in CUSTOMERS[:3]))
    assert [numbers(page) for page in found] == [["4"]] * 3
    assert collection.commands == ["aggregate"] * 2
    _, failing = watched(kept_pages, failing=9)
    ended = await asyncio.gather(
        *(failing.newest(customer, 1) for customer in CUSTOMERS[:3]), return_exceptions=True
    )
    assert {type(each) for each in ended} == {pymongo.errors.OperationFailure}


async def test_an_index_finds_each_and_sorts_it(kept_pages: MongoPages) -> None:
    said: list[Any] = []

    class Explained(Watched):
        def aggregate(self, pipeline: Any, **_: Any) -> Any:
            collection = self._collection

            class Cursor:
                async def to_list(self, _: int) -> list[Any]:
                    for each in [pipeline[:4], *(stage["$unionWith"]["pipeline"] for stage in pipeline[4:])]:
                        command = {"aggregate": collection.name, "pipeline": each, "cursor": {}}
                        said.append(await collection.database.command("explain", command))
                    return []

            return Cursor()

    together = Together(Explained(kept_pages._collection))  # type: ignore[arg-type] # it is one for all that matters
    query = [{"customer_id": customer} for customer in CUSTOMERS[:2]]
    await asyncio.gather(*(together.page(each["customer_id"], each, 3) for each in query))
    assert len(said) == 2
    for each in said:
        cursor = each["stages"][0]["$cursor"] if "stages" in each else each
        plan = cursor["queryPlanner"]["winningPlan"]
        used = {stage["stage"] for stage in stages(plan.get("queryPlan", plan))}
        assert "IXSCAN" in used
        assert used.isdisjoint({"SORT", "COLLSCAN"})
