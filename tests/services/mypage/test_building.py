"""Pages made from feeds, beside facts that are heard meanwhile; the MongoDB is real, the feeds are lists."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.events import Event
from schema.feed import Entry
from schema.projection import project
from services.chassis import mongo
from services.mypage import handlers
from services.mypage.building import AT_ONCE, Building
from services.mypage.comparing import WITHOUT_MOMENTS
from services.mypage.joining import joined
from services.mypage.projection import Change, page_of
from services.mypage.store import MongoPages
from tests import facts
from tests.filling import order_id, story


async def feed(*entries: Entry) -> AsyncIterator[Entry]:
    for entry in entries:
        yield entry


def entry(name: str, *told: Event) -> Entry:
    return Entry(order_id=name, facts=told)


async def collected(*feeds: Sequence[Entry]) -> dict[str, set[Event]]:
    seen: dict[str, set[Event]] = {}
    async for name, known in joined([feed(*each) for each in feeds]):
        assert name not in seen
        seen[name] = set(known.values())
    assert [*seen] == sorted(seen)
    return seen


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 3)), max_size=40))
async def test_feeds_are_joined_whatever_each_of_them_knows(said: list[tuple[int, int, int]]) -> None:
    kinds = (facts.placed, facts.approved, facts.started, facts.completed)
    feeds: list[dict[str, dict[str, Event]]] = [{}, {}, {}]
    for which, number, kind in said:
        fact: Event = kinds[kind](f"order-{number}")
        feeds[which].setdefault(fact.order_id, {})[fact.id] = fact
    wanted: dict[str, set[Event]] = {}
    for known in feeds:
        for name, told in known.items():
            wanted.setdefault(name, set()).update(told.values())
    entries = [[entry(name, *known[name].values()) for name in sorted(known)] for known in feeds]
    assert await collected(*entries) == wanted


async def test_an_order_of_which_nothing_is_told_has_no_page() -> None:
    assert await collected([], [entry("asked-for")], []) == {}


async def test_who_tells_a_fact_knows_best_what_it_says() -> None:
    wrong = facts.approved(amount=1)
    assert await collected([entry("order-1", wrong)], [entry("order-1", facts.approved())]) == {
        "order-1": {facts.approved()}
    }


@pytest.fixture
async def building(database: mongo.Database) -> Building:
    for name in ("orders", "orders_new"):
        await MongoPages(database[name]).prepare()
    return Building(database["orders"], database["orders_new"])


async def stories(numbers: range) -> AsyncIterator[tuple[str, Mapping[str, Event]]]:
    for number in numbers:
        yield order_id(number), {fact.id: fact for fact in story(number)}


async def nobody(_: object) -> None:
    pass


async def heard(fact: Event, building: Building) -> None:
    """As a replica hears it that knows of the new pages."""

    async def rebuilt() -> MongoPages:
        return MongoPages(building.rebuilt)

    await handlers.hear(fact, MongoPages(building.live), nobody, rebuilt)


async def moments(collection: mongo.Collection) -> dict[str, list[str]]:
    found = collection.find({}, {"taken_in.id": 1})
    return {each["_id"]: sorted(moment["id"] for moment in each["taken_in"]) async for each in found}


async def test_facts_heard_in_the_middle_of_it_are_neither_lost_nor_doubled(building: Building) -> None:
    """Before, while and after their order is built, and whether the feed knew them or not."""
    draw = random.Random(3)  # noqa: S311 # it draws an order, not secrets
    numbers = range(AT_ONCE + 30)
    for number in numbers:
        await handlers.hear(story(number)[0], MongoPages(building.live), nobody)
    late = [fact for number in numbers for fact in story(number)[1:]]
    late += [facts.canceled(order_id(number)) for number in numbers if number % 8 > 1]
    draw.shuffle(late)

    async def passed(_: int) -> None:
        await asyncio.sleep(0)

    async def hear_some(share: Sequence[Event]) -> None:
        for fact in share:
            await heard(fact, building)

    hearing = (hear_some(late[start::8]) for start in range(8))
    await asyncio.gather(building.build(stories(numbers), passed), *hearing)
    old = {each["_id"]: each async for each in building.live.find({}, WITHOUT_MOMENTS)}
    new = {each["_id"]: each async for each in building.rebuilt.find({}, WITHOUT_MOMENTS)}
    assert new == old
    assert len(new) == len(numbers)
    for document in new.values():
        assert (
            len({fact["type"] for fact in document["facts"]}) == len(document["facts"]) == document["version"]
        )
    assert await moments(building.rebuilt) == await moments(building.live)


async def test_moments_are_carried_over_also_to_a_page_that_a_fact_has_begun(building: Building) -> None:
    live = MongoPages(building.live, lambda: facts.after(10))
    for fact in story(2):
        await handlers.hear(fact, live, nobody)
    completed = facts.completed(order_id(2))
    await handlers.hear(completed, MongoPages(building.rebuilt, lambda: facts.after(20)), nobody)
    await building.build(stories(range(2, 3)), nobody)
    document = await building.rebuilt.find_one({"_id": order_id(2)})
    assert document is not None
    taken_in = {each["id"]: each["at"] for each in document["taken_in"]}
    assert taken_in == {fact.id: facts.after(10) for fact in story(2)} | {completed.id: facts.after(20)}
    assert len(document["taken_in"]) == len(taken_in)


async def test_a_fact_that_the_feed_knew_before_it_was_heard_gets_its_moment_when_it_is(
    building: Building,
) -> None:
    await building.build(stories(range(2, 3)), nobody)
    assert await moments(building.rebuilt) == {order_id(2): []}
    for fact in (*story(2), *story(2)):
        await heard(fact, building)
    assert await moments(building.rebuilt) == {order_id(2): sorted(fact.id for fact in story(2))}


async def test_new_pages_are_made_from_facts_alone(building: Building) -> None:
    await building.live.insert_one({"_id": order_id(4), "facts": [], "status": "LOST", "taken_in": []})
    await building.build(stories(range(4, 5)), nobody)
    page = await MongoPages(building.rebuilt).load(order_id(4))
    assert page == page_of(order_id(4), story(4))
    document = await building.rebuilt.find_one({})
    assert document is not None
    assert document["status"] == project(story(4)).status  # type: ignore[union-attr] # it was placed


async def test_the_new_pages_never_lack_what_the_live_ones_have(building: Building) -> None:
    """A crash between the two writes leaves the new ones ahead; the message comes again."""

    class Crashed(MongoPages):
        async def keep_all(self, changes: Sequence[Change]) -> dict[str, Exception]:
            raise ConnectionError(changes)

    async def rebuilt() -> MongoPages:
        return MongoPages(building.rebuilt)

    with pytest.raises(ConnectionError):
        await handlers.hear(facts.placed(), Crashed(building.live), nobody, rebuilt)
    assert await MongoPages(building.rebuilt).load(facts.ORDER) is not None
    await heard(facts.placed(), building)
    assert await MongoPages(building.live).load(facts.ORDER) == page_of(facts.ORDER, [facts.placed()])
