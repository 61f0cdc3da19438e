"""Who may rebuild, and what the replicas go by, on the real MongoDB."""

import asyncio

import pytest

from schema.rebuild import Difference, Rebuild
from services.chassis import mongo
from services.mypage import control
from services.mypage.control import Control, LostError


@pytest.fixture
def collection(database: mongo.Database) -> mongo.Collection:
    return database["rebuild"]


@pytest.fixture
def one(collection: mongo.Collection) -> Control:
    return Control(collection)


async def test_of_many_that_begin_at_once_one_does(collection: mongo.Collection) -> None:
    begun = await asyncio.gather(*(Control(collection).begin(f"job-{number}") for number in range(8)))
    assert begun.count(True) == 1


async def test_one_that_has_ended_makes_room(one: Control) -> None:
    assert await one.begin("first")
    await one.say("first", state="building", into="orders_new")
    assert not await one.begin("second")
    await one.say("first", state="failed", into=None, error="why")
    assert (await one.seen()).error == "why"
    assert await one.begin("second")
    assert await one.seen() == Rebuild(state="preparing")


async def test_one_that_is_silent_for_long_is_replaced_and_can_say_nothing_more(
    one: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await one.begin("first")
    await one.say("first", state="building")
    monkeypatch.setattr(control, "DEAD_AFTER_MS", -1000)  # as if it had been silent for so long
    assert not (await one.seen()).alive
    assert await one.begin("second")
    with pytest.raises(LostError):
        await one.say("first", state="swapping")
    assert (await one.seen()).state == "preparing"


async def test_one_that_was_silent_for_too_long_does_not_go_on_for_nothing_was_written_there(
    one: Control, collection: mongo.Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await one.begin("first")
    await one.say("first", state="building", into="orders_new")
    with monkeypatch.context() as patch:
        patch.setattr(control, "DEAD_AFTER_MS", -1000)
        assert await Control(collection).into() is None
        with pytest.raises(LostError):
            await one.say("first", state="swapping")
    await one.say("first", state="swapping")


async def test_one_that_has_ended_says_nothing_more(one: Control) -> None:
    await one.begin("first")
    await one.say("first", state="swapped")
    with pytest.raises(LostError):
        await one.say("first", done=1)


async def test_what_is_said_is_seen(one: Control) -> None:
    assert await one.seen() == Rebuild()
    await one.begin("first")
    difference = Difference(kind="field $amount differs", orders=1, examples=("$order",))
    await one.say("first", done=3, total=9, differences=[difference.model_dump()], more=True)
    seen = await one.seen()
    assert (seen.done, seen.total, seen.differences, seen.more) == (3, 9, (difference,), True)
    assert seen.alive
    assert not seen.ended


async def test_where_heard_facts_go_is_known_for_a_while_and_no_longer(
    one: Control, collection: mongo.Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Control(collection)
    assert await other.into() is None
    await one.begin("first")
    await one.say("first", state="building", into="orders_new")
    assert await other.into() is None
    assert await Control(collection).into() == "orders_new"
    monkeypatch.setattr(control, "KNOWN_FOR_SECONDS", 0)
    assert await other.into() == "orders_new"
    await one.say("first", state="swapped", into=None)
    assert await other.into() is None
