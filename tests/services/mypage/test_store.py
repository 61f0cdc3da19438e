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
from services.mypage.projection import Page, take_in
from services.mypage.store import MongoPages
from services.mypage.together import Pages
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


async def loaded(pages: Pages, order_id: str = facts.ORDER) -> Page | None:
    return (await pages.load_all([order_id])).get(order_id)


async def test_pages_come_back_as_they_were(pages: Pages) -> None:
    first, second = page(facts.placed()), page(facts.placed(), facts.approved())
    other = page(facts.placed("order-2"))
    assert await pages.load_all([facts.ORDER, "order-2"]) == {}
    assert await pages.keep_all([(first, None), (other, None)]) == {}
    assert await pages.load_all([facts.ORDER, "order-2", "order-3"]) == {
        facts.ORDER: first,
        "order-2": other,
    }
    assert await pages.keep_all([(second, first)]) == {}
    assert await loaded(pages) == second


async def test_a_page_without_its_order_comes_back_as_it_was(pages: Pages) -> None:
    early = page(facts.approved())
    await pages.keep_all([(early, None)])
    assert await loaded(pages) == early


async def test_a_page_that_is_there_is_not_kept_as_new_and_its_neighbours_are_kept(pages: Pages) -> None:
    there, new = page(facts.approved()), page(facts.placed("order-2"))
    await pages.keep_all([(there, None)])
    failed = await pages.keep_all([(page(facts.placed()), None), (new, None)])
    assert [(order_id, type(error)) for order_id, error in failed.items()] == [(facts.ORDER, ConflictError)]
    assert (await loaded(pages), await loaded(pages, "order-2")) == (there, new)


async def test_a_page_that_somebody_else_has_changed_is_not_kept_and_its_neighbours_are(pages: Pages) -> None:
    first, changed = page(facts.placed()), page(facts.placed(), facts.approved())
    old = page(facts.placed("order-2"))
    new = page(facts.placed("order-2"), facts.declined("order-2"))
    await pages.keep_all([(first, None), (old, None)])
    await pages.keep_all([(changed, first)])
    failed = await pages.keep_all([(page(facts.placed(), facts.canceled()), first), (new, old)])
    assert isinstance(failed[facts.ORDER], ConflictError)
    assert (await loaded(pages), await loaded(pages, "order-2")) == (changed, new)


async def test_of_facts_that_come_at_once_none_is_lost(pages: Pages) -> None:
    announced: list[OrderView] = []

    async def announce(view: OrderView) -> None:
        announced.append(view)

    told = [*facts.every_kind()] * 2
    await asyncio.gather(*(handlers.hear(fact, pages, announce) for fact in told))
    kept = await loaded(pages)
    assert kept is not None
    assert set(kept.facts) == set(told)
    assert kept.view == project(told)
    assert max(view.version for view in announced) == len(set(told))


async def test_what_mongodb_refuses_of_many_is_said_of_that_one(
    real: MongoPages, database: mongo.Database
) -> None:
    await database.command("collMod", "orders", validator={"version": {"$lt": 2}})
    refused, kept = page(facts.placed(), facts.approved()), page(facts.placed("order-2"))
    failed = await real.keep_all([(refused, None), (kept, None)])
    assert failed.keys() == {facts.ORDER}
    assert isinstance(failed[facts.ORDER], mongo.OperationFailure)
    assert await real.load("order-2") == kept


async def test_a_reader_finds_the_views_own_fields(real: MongoPages, database: mongo.Database) -> None:
    whole = page(facts.placed(), facts.approved(), facts.started(), facts.canceled())
    await real.keep(whole, None)
    document = await database["orders"].find_one({"customer_id": facts.CUSTOMER}, {"facts": 0})
    assert document is not None
    document["id"] = document.pop("_id")
    shown = TypeAdapter(OrderView).validate_python(document)
    assert shown.changed_at
    assert shown.model_copy(update={"changed_at": None}) == whole.view
    assert document["cancelable"] is False
    assert document["status"] == "CANCELED"


async def test_no_customer_finds_a_page_without_its_order(real: MongoPages, database: mongo.Database) -> None:
    await real.keep(page(facts.approved()), None)
    assert await database["orders"].count_documents({"customer_id": {"$exists": True}}) == 0
    validated = await database.command("validate", "orders")
    assert validated["keysPerIndex"]["newest"] == 0


async def test_those_that_wait_are_found_in_the_order_of_their_ids(real: MongoPages) -> None:
    stories: dict[str, list[Event]] = {
        "order-1": [facts.placed("order-1")],
        "order-2": [facts.placed("order-2"), facts.approved("order-2"), facts.started("order-2")],
        "order-3": [facts.approved("order-3")],
        "order-4": [facts.placed("order-4", at=facts.after(60))],
        "order-5": [facts.placed("order-5"), facts.declined("order-5")],
    }
    for told in reversed(stories.values()):
        await real.keep(page(*told), None)
    assert await real.awaiting_since(facts.after(60), "", 9) == ["order-1", "order-3"]
    assert await real.awaiting_since(facts.after(61), "order-1", 9) == ["order-3", "order-4"]
    assert await real.awaiting_since(facts.after(61), "", 2) == ["order-1", "order-3"]


async def test_a_page_waits_no_more_when_its_fact_has_come(
    real: MongoPages, database: mongo.Database
) -> None:
    first, second = page(facts.placed()), page(facts.placed(), facts.declined())
    await real.keep(first, None)
    await real.keep(second, first)
    assert await real.awaiting_since(facts.after(3600), "", 9) == []
    assert await database["orders"].count_documents({"awaited_since": {"$exists": True}}) == 0


async def test_a_page_of_before_that_was_kept_is_watched_from_its_next_fact_on(
    real: MongoPages, database: mongo.Database
) -> None:
    first = page(facts.placed())
    await real.keep(first, None)
    await database["orders"].update_one({}, {"$unset": {"awaited_since": 1}})
    assert await real.awaiting_since(facts.after(3600), "", 9) == []
    await real.keep(take_in(first, facts.approved()), first)
    assert await real.awaiting_since(facts.after(3600), "", 9) == [facts.ORDER]


async def test_those_that_wait_are_read_from_an_index_of_them_alone(
    real: MongoPages, database: mongo.Database
) -> None:
    for number in range(200):
        order_id = f"order-{number:03}"
        placed, over = facts.placed(order_id), facts.declined(order_id)
        await real.keep(page(placed) if number % 50 == 49 else page(placed, over), None)
    assert (await database.command("validate", "orders"))["keysPerIndex"]["awaiting"] == 4
    due = {"_id": {"$gt": ""}, "awaited_since": {"$lt": facts.after(60)}}
    said = await database["orders"].find(due, {"_id": 1}).sort("_id", 1).limit(20).explain()
    assert said["executionStats"]["totalKeysExamined"] <= 5
    assert said["executionStats"]["totalDocsExamined"] <= 4


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
