"""Facts taken in together: the pages are those of one by one, and each fact has its own outcome."""

import random
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.events import Event
from services.chassis import mongo
from services.mypage import together
from services.mypage.comparing import WITHOUT_MOMENTS
from services.mypage.projection import Change, Page, page_of, take_in
from services.mypage.store import MongoPages
from services.mypage.together import Outcome, Taken, take_in_all
from tests import facts
from tests.services.fakes import FakePages

T = TypeVar("T")

ORDERS = ("order-1", "order-2", "order-3")
STORIES = [
    [make(order_id) for make in (facts.placed, facts.approved, facts.started, facts.completed)]
    for order_id in ORDERS
]
TOLD: list[Event] = [fact for told in STORIES for fact in told]


def done(work: Coroutine[Any, Any, T]) -> T:
    """What it gives, where it waits for nobody."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("it waits")


def new(outcomes: Sequence[Outcome]) -> list[bool | None]:
    """Whether each was new; None where it failed."""
    return [each.new if isinstance(each, Taken) else None for each in outcomes]


@st.composite
def batches(draw: st.DrawFn) -> list[list[Event]]:
    """All facts, some more than once, in any order, in batches of any size."""
    rest = draw(st.permutations(TOLD + draw(st.lists(st.sampled_from(TOLD), max_size=9))))
    parts = []
    while rest:
        size = draw(st.integers(1, len(rest)))
        parts.append(list(rest[:size]))
        rest = rest[size:]
    return parts


@given(batches())
def test_however_facts_come_together_the_pages_are_the_same(parts: list[list[Event]]) -> None:
    pages, times_new = FakePages(), 0
    for part in parts:
        outcomes = done(take_in_all(part, pages))
        times_new += new(outcomes).count(True)
        for fact, outcome in zip(part, outcomes, strict=True):
            assert isinstance(outcome, Taken)
            assert outcome.page == pages.kept[fact.order_id], "the last one is announced"
    assert pages.kept == {told[0].order_id: page_of(told[0].order_id, told) for told in STORIES}
    assert times_new == len(TOLD)


@pytest.mark.parametrize("seed", range(10))
async def test_documents_are_the_same_as_one_by_one(seed: int, database: mongo.Database) -> None:
    draw = random.Random(seed)  # noqa: S311 # it draws an order, not secrets
    told = [*TOLD, *draw.sample(TOLD, 5)]
    draw.shuffle(told)
    for fact in told:
        await take_in_all([fact], MongoPages(database["one_by_one"]))
    while told:
        size = draw.randint(1, len(told))
        await take_in_all(told[:size], MongoPages(database["together"]))
        told = told[size:]
    one_by_one = [each async for each in database["one_by_one"].find({}, WITHOUT_MOMENTS).sort("_id")]
    assert [each async for each in database["together"].find({}, WITHOUT_MOMENTS).sort("_id")] == one_by_one
    assert len(one_by_one) == len(ORDERS)
    async for document in database["together"].find():
        assert sorted(each["id"] for each in document["taken_in"]) == sorted(
            fact.id for fact in TOLD if fact.order_id == document["_id"]
        )


async def test_one_order_several_times_is_one_page_with_all_of_it(database: mongo.Database) -> None:
    pages = MongoPages(database["orders"])
    story = STORIES[0]
    assert new(await take_in_all(story[2:], pages)) == [True, True]
    assert new(await take_in_all([*story, story[0]], pages)) == [True, True, False, False, False]
    assert await pages.load(ORDERS[0]) == page_of(ORDERS[0], story)


class Counting(FakePages):
    """Counts its calls; `meanwhile` is what somebody else keeps between the first two."""

    def __init__(self, *meanwhile: Page) -> None:
        super().__init__()
        self.tried: list[set[str]] = []
        self._meanwhile = list(meanwhile)

    async def keep_all(self, changes: Sequence[Change]) -> dict[str, Exception]:
        self.tried.append({page.order_id for page, _ in changes})
        while self._meanwhile:
            page = self._meanwhile.pop()
            self.kept[page.order_id] = page
        return await super().keep_all(changes)


async def test_only_what_somebody_else_has_changed_meanwhile_is_done_anew() -> None:
    pages = Counting(page_of(ORDERS[1], [facts.canceled(ORDERS[1])]))
    outcomes = await take_in_all([told[0] for told in STORIES], pages)
    assert new(outcomes) == [True, True, True]
    assert pages.tried == [{*ORDERS}, {ORDERS[1]}]
    assert pages.kept[ORDERS[1]] == page_of(ORDERS[1], [STORIES[1][0], facts.canceled(ORDERS[1])])


async def test_another_replicas_change_to_one_page_is_kept_beside_ours(database: mongo.Database) -> None:
    """MongoDB says how many it found of all together: which ones it kept is seen by loading them."""

    class Crowded(MongoPages):
        crowded = False

        async def keep_all(self, changes: Sequence[Change]) -> dict[str, Exception]:
            if not self.crowded:
                self.crowded = True
                old = await self.load(ORDERS[1])
                assert old is not None
                await super().keep_all([(take_in(old, facts.canceled(ORDERS[1])), old)])
            return await super().keep_all(changes)

    pages = MongoPages(database["orders"])
    await take_in_all([told[0] for told in STORIES], pages)
    outcomes = await take_in_all([told[1] for told in STORIES], Crowded(database["orders"]))
    assert None not in new(outcomes)
    for order_id, told in zip(ORDERS, STORIES, strict=True):
        others = [facts.canceled(order_id)] if order_id == ORDERS[1] else []
        assert await pages.load(order_id) == page_of(order_id, [*told[:2], *others])
        document = await database["orders"].find_one({"_id": order_id})
        assert document is not None
        assert len(document["taken_in"]) == 2 + len(others)


async def test_what_cannot_be_taken_in_takes_nobody_along_not_even_of_its_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def picky(page: Page | None, fact: Event) -> Page:
        if fact == STORIES[1][1]:
            raise ZeroDivisionError
        return take_in(page, fact)

    monkeypatch.setattr(together, "take_in", picky)
    pages = FakePages()
    outcomes = await take_in_all(TOLD, pages)
    [(failed, error)] = [
        (f, each) for f, each in zip(TOLD, outcomes, strict=True) if isinstance(each, Exception)
    ]
    assert (failed, type(error)) == (STORIES[1][1], ZeroDivisionError)
    assert pages.kept[ORDERS[1]] == page_of(ORDERS[1], [fact for fact in STORIES[1] if fact is not failed])
    assert pages.kept[ORDERS[2]] == page_of(ORDERS[2], STORIES[2])


async def test_what_cannot_even_be_sent_to_mongodb_takes_nobody_along(database: mongo.Database) -> None:
    """The whole command fails for it; neighbours of other orders and of its own are taken in all the same."""
    pages = MongoPages(database["orders"])
    told = [*STORIES[0], facts.placed(ORDERS[1]), facts.approved(ORDERS[1], amount=2**63), *STORIES[2]]
    outcomes = await take_in_all(told, pages)
    assert [type(each) for each in outcomes if isinstance(each, Exception)] == [OverflowError]
    assert isinstance(outcomes[5], OverflowError)
    assert await pages.load(ORDERS[0]) == page_of(ORDERS[0], STORIES[0])
    assert await pages.load(ORDERS[1]) == page_of(ORDERS[1], [facts.placed(ORDERS[1])])
    assert await pages.load(ORDERS[2]) == page_of(ORDERS[2], STORIES[2])


async def test_what_mongodb_refuses_takes_nobody_along(database: mongo.Database) -> None:
    refused = {"facts.type": {"$ne": "delivery.completed"}}
    await database.create_collection("orders", validator=refused)
    pages = MongoPages(database["orders"])
    outcomes = await take_in_all(TOLD, pages)
    for fact, outcome in zip(TOLD, outcomes, strict=True):
        assert isinstance(outcome, mongo.OperationFailure) == (fact.type == "delivery.completed")
    for order_id, story in zip(ORDERS, STORIES, strict=True):
        assert await pages.load(order_id) == page_of(order_id, story[:3])


async def test_a_page_that_makes_no_sense_is_met_by_its_own_facts_alone(database: mongo.Database) -> None:
    await database["orders"].insert_one({"_id": ORDERS[0], "facts": [{"type": "order.eaten"}]})
    outcomes = await take_in_all([told[0] for told in STORIES], MongoPages(database["orders"]))
    assert new(outcomes) == [None, True, True]


async def test_while_the_database_is_away_nobody_is_tried_alone() -> None:
    class Away(Counting):
        async def keep_all(self, changes: Sequence[Change]) -> dict[str, Exception]:
            await super().keep_all(changes)
            raise mongo.OperationFailure("it steps down", 11602)

    pages = Away()
    outcomes = await take_in_all([told[0] for told in STORIES], pages)
    assert all(isinstance(each, mongo.OperationFailure) for each in outcomes)
    assert len(pages.tried) == 1


async def test_what_the_new_pages_do_not_take_the_live_ones_do_not_get() -> None:
    class Refusing(FakePages):
        async def keep_all(self, changes: Sequence[Change]) -> dict[str, Exception]:
            rest = [change for change in changes if change[0].order_id != ORDERS[0]]
            refused = {ORDERS[0]: ZeroDivisionError()} if len(rest) < len(changes) else {}
            return await super().keep_all(rest) | refused

    live, others = FakePages(), Refusing()

    async def rebuilt() -> FakePages:
        return others

    outcomes = await take_in_all([told[0] for told in STORIES], live, rebuilt)
    assert new(outcomes) == [None, True, True]
    assert live.kept.keys() == others.kept.keys() == {*ORDERS[1:]}
