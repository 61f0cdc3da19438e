"""Live pages and rebuilt ones, side by side, on the real MongoDB."""

from typing import Any

import pytest

from schema.rebuild import Difference
from services.chassis import mongo
from services.mypage import comparing
from services.mypage.comparing import AT_ONCE, differing, kinds, summary
from services.mypage.projection import page_of
from services.mypage.store import MongoPages
from tests.filling import order_id, story

MANY = 2 * AT_ONCE + 7


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "BETWEEN_LOOKS_SECONDS", 0.01)


@pytest.fixture
def live(database: mongo.Database) -> mongo.Collection:
    return database["orders"]


@pytest.fixture
def rebuilt(database: mongo.Database) -> mongo.Collection:
    return database["orders_new"]


async def fill(collection: mongo.Collection, numbers: range) -> None:
    pages = [page_of(order_id(number), story(number)) for number in numbers]
    await MongoPages(collection).add(pages, {})


class Passed:
    """Counts, and lets something happen when it is first asked to look again."""

    def __init__(self) -> None:
        self.many = 0

    async def __call__(self, many: int) -> None:
        self.many += many


async def test_pages_that_say_the_same_are_alike_whenever_each_fact_came(
    live: mongo.Collection, rebuilt: mongo.Collection
) -> None:
    for collection in (live, rebuilt):
        await fill(collection, range(MANY))
    await live.update_many({}, {"$set": {"taken_in": [{"id": "x", "at": None}]}})
    passed = Passed()
    assert await differing(live, rebuilt, passed) == []
    assert passed.many == MANY


async def test_pages_of_before_it_was_kept_since_when_they_wait_are_like_rebuilt_ones(
    live: mongo.Collection, rebuilt: mongo.Collection
) -> None:
    for collection in (live, rebuilt):
        await MongoPages(collection).add([page_of(order_id(2), story(2)[:2])], {})
    assert await rebuilt.count_documents({"awaited_since": {"$exists": True}}) == 1
    await live.update_many({}, {"$unset": {"awaited_since": 1}})
    assert await differing(live, rebuilt, Passed()) == []


async def test_every_page_that_differs_is_found_wherever_it_is(
    live: mongo.Collection, rebuilt: mongo.Collection
) -> None:
    await fill(live, range(MANY - 3))
    await fill(rebuilt, range(3, MANY))
    await live.update_one({"_id": order_id(AT_ONCE)}, {"$set": {"status": "LOST"}})
    wanted = [0, 1, 2, AT_ONCE, MANY - 3, MANY - 2, MANY - 1]
    ids = await differing(live, rebuilt, Passed())
    assert ids == [order_id(number) for number in wanted]
    assert await summary(live, rebuilt, ids, Passed()) == (
        Difference(kind="page missing in live", orders=3, examples=tuple(ids[4:])),
        Difference(kind="page unknown to the feeds", orders=3, examples=tuple(ids[:3])),
        Difference(kind="field status differs", orders=1, examples=(ids[3],)),
    )


async def test_what_comes_right_was_only_being_written(
    live: mongo.Collection, rebuilt: mongo.Collection
) -> None:
    await fill(live, range(5))
    await fill(rebuilt, range(6))

    class Writes(Passed):
        async def __call__(self, many: int) -> None:
            if not many and not await live.count_documents({"_id": order_id(5)}):
                await fill(live, range(5, 6))

    assert await differing(live, rebuilt, Writes()) == []


async def test_where_very_many_differ_the_others_are_not_compared(
    live: mongo.Collection, rebuilt: mongo.Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "DIFFER_AT_MOST", 10)
    await fill(rebuilt, range(MANY))
    assert await differing(live, rebuilt, Passed()) == [order_id(number) for number in range(10)]


SHOWN: dict[str, Any] = {"_id": "1", "amount": 1, "facts": [{"type": "order.placed"}]}
MORE: dict[str, Any] = SHOWN | {"amount": 2, "facts": [*SHOWN["facts"], {"type": "order.canceled"}]}


@pytest.mark.parametrize(
    ("live", "rebuilt", "said"),
    [
        (SHOWN, SHOWN, []),
        (SHOWN, MORE, ["order.canceled missing in live"]),
        (MORE, SHOWN, ["order.canceled unknown to the feeds"]),
        (SHOWN, SHOWN | {"amount": 2, "color": "red"}, ["field amount differs", "field color differs"]),
        (SHOWN | {"facts": [{"type": "order.placed", "at": 1}]}, SHOWN, ["field facts differs"]),
        ({"_id": "1"}, SHOWN, ["order.placed missing in live"]),
        (None, None, []),
    ],
    ids=str,
)
def test_how_two_pages_differ_is_said(live: Any, rebuilt: Any, said: list[str]) -> None:
    assert kinds((live, rebuilt)) == said
