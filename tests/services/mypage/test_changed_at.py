"""When a page changed: by the database's clock, whoever wrote it, and however it came to be the one shown."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime

import pytest

from schema.events import Event
from services.chassis import mongo
from services.mypage import handlers
from services.mypage.building import Building
from services.mypage.projection import page_of
from services.mypage.store import MongoPages
from tests import facts
from tests.filling import MOMENT


@pytest.fixture
async def pages(database: mongo.Database) -> MongoPages:
    """By a clock that is days behind."""
    pages = MongoPages(database["orders"], lambda: facts.NOON)
    await pages.prepare()
    return pages


async def changed_at(pages: MongoPages, order_id: str = facts.ORDER) -> datetime | None:
    document = await pages._collection.find_one({"_id": order_id})
    assert document is not None
    moment: datetime | None = document.get("changed_at")
    return moment


async def now(database: mongo.Database) -> datetime:
    said = await database.command("hello", codec_options=database["orders"].codec_options)
    moment: datetime = said["localTime"]
    return moment


async def hear(fact: Event, pages: MongoPages) -> None:
    await handlers.hear(fact, pages, _nobody)


async def _nobody(_: object) -> None:
    """Nobody listens."""


async def test_each_new_fact_is_a_change_by_the_databases_clock(
    pages: MongoPages, database: mongo.Database
) -> None:
    before = await now(database)
    await hear(facts.placed(), pages)
    first = await changed_at(pages)
    await hear(facts.approved(), pages)
    second = await changed_at(pages)
    assert first is not None
    assert second is not None
    assert before <= first <= second <= await now(database)


async def test_a_fact_that_is_heard_again_is_none(pages: MongoPages) -> None:
    await hear(facts.placed(), pages)
    first = await changed_at(pages)
    await hear(facts.placed(), pages)
    assert await changed_at(pages) == first


async def test_a_page_of_before_has_changed_when_it_next_does(
    pages: MongoPages, database: mongo.Database
) -> None:
    await hear(facts.placed(), pages)
    await database["orders"].update_one({}, {"$unset": {"changed_at": 1}})
    await hear(facts.approved(), pages)
    assert await changed_at(pages) is not None


@pytest.fixture
async def building(database: mongo.Database) -> Building:
    for name in ("orders", "orders_new"):
        await MongoPages(database[name]).prepare()
    return Building(database["orders"], database["orders_new"])


async def build(building: Building, *told: Event) -> MongoPages:
    """Rebuild the page of these facts."""

    async def orders() -> AsyncIterator[tuple[str, Mapping[str, Event]]]:
        yield facts.ORDER, {fact.id: fact for fact in told}

    async def passed(_: int) -> None:
        """Nobody counts."""

    await building.build(orders(), passed)
    return MongoPages(building.rebuilt)


async def test_a_rebuilt_page_changed_when_the_live_one_did(building: Building) -> None:
    live = MongoPages(building.live)
    await live.add(
        [page_of(facts.ORDER, [facts.placed()])], {facts.ORDER: {"taken_in": [], "changed_at": MOMENT}}
    )
    rebuilt = await build(building, facts.placed())
    assert await changed_at(rebuilt) == MOMENT


async def test_what_the_rebuilt_page_knew_before_has_changed_when_it_is_heard(building: Building) -> None:
    """Until then nobody was shown it: whoever goes on from before is to be sent it."""
    live = MongoPages(building.live)
    await hear(facts.placed(), live)
    rebuilt = await build(building, facts.placed(), facts.approved())
    before = await changed_at(rebuilt)

    async def rebuilt_now() -> MongoPages:
        return rebuilt

    await handlers.hear(facts.approved(), live, _nobody, rebuilt_now)
    after = await changed_at(rebuilt)
    assert before is not None
    assert after is not None
    assert after > before


async def test_pages_that_are_said_to_have_changed_have(pages: MongoPages, database: mongo.Database) -> None:
    beside = {name: {"taken_in": [], "changed_at": MOMENT} for name in ("order-1", "order-2")}
    made = [page_of(name, [facts.placed(name)]) for name in beside]
    await pages.add(made, beside)
    before = await now(database)
    await pages.say_changed(["order-1"])
    changed = await changed_at(pages, "order-1")
    assert changed is not None
    assert changed >= before
    assert await changed_at(pages, "order-2") == MOMENT
