"""One suite for both stores of pages."""

import asyncio

import pytest
from pydantic import TypeAdapter

from schema.events import Event
from schema.projection import project
from schema.views import OrderView
from services.chassis import mongo
from services.chassis.aggregates import ConflictError
from services.mypage import handlers
from services.mypage.handlers import Pages
from services.mypage.projection import Page, take_in
from services.mypage.store import MongoPages
from tests import facts
from tests.services.fakes import FakePages


@pytest.fixture
async def real(database: mongo.Database) -> MongoPages:
    pages = MongoPages(database["orders"])
    await pages.prepare()
    return pages


@pytest.fixture(params=["in memory", "in MongoDB"])
def pages(request: pytest.FixtureRequest) -> Pages:
    if request.param == "in memory":
        return FakePages()
    real: Pages = request.getfixturevalue("real")
    return real


def page(*told: Event) -> Page:
    page: Page | None = None
    for fact in told:
        page = take_in(page, fact)
    assert page is not None
    return page


async def test_a_page_comes_back_as_it_was(pages: Pages) -> None:
    first, second = page(facts.placed()), page(facts.placed(), facts.approved())
    assert await pages.load(facts.ORDER) is None
    await pages.keep(first, None)
    assert await pages.load(facts.ORDER) == first
    await pages.keep(second, first)
    assert await pages.load(facts.ORDER) == second


async def test_a_page_without_its_order_comes_back_as_it_was(pages: Pages) -> None:
    early = page(facts.approved())
    await pages.keep(early, None)
    assert await pages.load(facts.ORDER) == early


async def test_a_page_that_is_there_is_not_kept_as_new(pages: Pages) -> None:
    await pages.keep(page(facts.approved()), None)
    with pytest.raises(ConflictError):
        await pages.keep(page(facts.placed()), None)


async def test_a_page_that_somebody_else_has_changed_is_not_kept(pages: Pages) -> None:
    first = page(facts.placed())
    await pages.keep(first, None)
    await pages.keep(page(facts.placed(), facts.approved()), first)
    with pytest.raises(ConflictError):
        await pages.keep(page(facts.placed(), facts.canceled()), first)


async def test_of_facts_that_come_at_once_none_is_lost(pages: Pages) -> None:
    announced: list[OrderView] = []

    async def announce(view: OrderView) -> None:
        announced.append(view)

    told = [*facts.every_kind()] * 2
    await asyncio.gather(*(handlers.hear(fact, pages, announce) for fact in told))
    kept = await pages.load(facts.ORDER)
    assert kept is not None
    assert set(kept.facts) == set(told)
    assert kept.view == project(told)
    assert max(view.version for view in announced) == len(set(told))


async def test_a_reader_finds_the_views_own_fields(real: MongoPages, database: mongo.Database) -> None:
    whole = page(facts.placed(), facts.approved(), facts.started(), facts.canceled())
    await real.keep(whole, None)
    document = await database["orders"].find_one({"customer_id": facts.CUSTOMER}, {"facts": 0})
    assert document is not None
    document["id"] = document.pop("_id")
    assert TypeAdapter(OrderView).validate_python(document) == whole.view
    assert document["cancelable"] is False
    assert document["status"] == "CANCELED"


async def test_no_customer_finds_a_page_without_its_order(real: MongoPages, database: mongo.Database) -> None:
    await real.keep(page(facts.approved()), None)
    assert await database["orders"].count_documents({"customer_id": {"$exists": True}}) == 0
    validated = await database.command("validate", "orders")
    assert validated["keysPerIndex"]["newest"] == 0


@pytest.mark.parametrize(
    ("asked", "index"), [({}, "newest"), ({"status": "PAID"}, "newest_by_status")], ids=str
)
async def test_a_customers_newest_orders_are_read_from_an_index(
    asked: dict[str, str], index: str, real: MongoPages, database: mongo.Database
) -> None:
    for number in range(30):
        placed = facts.placed(f"order-{number}")
        paid = facts.approved(f"order-{number}")
        await real.keep(page(placed, paid) if number < 3 else page(placed), None)
    newest = [("placed_at", -1), ("_id", -1)]
    cursor = database["orders"].find({"customer_id": facts.CUSTOMER} | asked).sort(newest)
    plan = (await cursor.explain())["queryPlanner"]["winningPlan"]
    assert plan["stage"] == "FETCH", "sorted in memory"
    assert plan["inputStage"]["indexName"] == index
