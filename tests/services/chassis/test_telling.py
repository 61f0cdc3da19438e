"""The outbox under fire: slow, refused, lost and doubled tellings, on the real MongoDB."""

import asyncio
import random
from datetime import timedelta

import pytest

from schema.events import Event
from services.chassis import mongo
from services.chassis.background import running
from services.chassis.outbox import BATCH, FRESH_AT_MOST, LEFT_AFTER
from services.chassis.patience import NotToldError
from services.chassis.telling import AT_ONCE
from tests import facts
from tests.services.chassis.telling import outbox_of
from tests.services.chassis.test_outbox import all_told, keep, marks, untold
from tests.waiting import until

AN_HOUR = 3600.0
LEFT = timedelta()


class Broker:
    """Takes facts, as long as it is let; some it returns, and some it never answers for."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.returned: set[str] = set()
        self.stuck: set[str] = set()
        self.open = asyncio.Event()
        self.now = self.most = 0

    async def tell(self, fact: Event) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            if fact.order_id in self.returned:
                raise NotToldError("no queue takes it")
            self.told.append(fact.id)
            if fact.order_id in self.stuck:
                await self.open.wait()
            await asyncio.sleep(0)
        finally:
            self.now -= 1


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
async def collection(database: mongo.Database) -> mongo.Collection:
    await outbox_of(database["things"]).prepare()
    return database["things"]


async def test_one_that_is_slow_holds_up_neither_the_telling_nor_the_marks_of_the_others(
    collection: mongo.Collection, broker: Broker
) -> None:
    broker.stuck = {"order-1"}
    outbox = outbox_of(collection, broker, sweep_seconds=AN_HOUR)
    async with running(outbox.run()):
        await keep(outbox, collection, 1, 2)
        await until(lambda: marks_of(collection, "order-2"))
        await keep(outbox, collection, *range(3, 3 + BATCH))
        await until(lambda: nearly_all_told(collection, 1))
        broker.open.set()
        await until(lambda: all_told(collection))


async def marks_of(collection: mongo.Collection, order_id: str) -> bool:
    document = await collection.find_one({"_id": order_id})
    return bool(document and document.get("told"))


async def nearly_all_told(collection: mongo.Collection, left: int) -> bool:
    return await untold(collection) == left


async def test_a_sweep_goes_on_without_those_that_are_slow_and_does_not_tell_them_twice(
    collection: mongo.Collection, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.telling.PATIENCE_SECONDS", 0.3)
    broker.stuck = {"order-1"}
    await keep(outbox_of(collection), collection, 1, 2)
    outbox = outbox_of(collection, broker)
    assert await outbox.sweep(LEFT) == 1
    assert await outbox.sweep(LEFT) == 0
    assert sorted(broker.told) == ["order-1/delivery.started", "order-2/delivery.started"]
    broker.open.set()
    await outbox.flush()
    assert await all_told(collection)


async def test_what_nobody_takes_does_not_keep_back_what_was_left_after_it(
    collection: mongo.Collection, broker: Broker
) -> None:
    unroutable = range(2 * BATCH + 5)
    broker.returned = {f"order-{number}" for number in unroutable}
    await keep(outbox_of(collection), collection, *unroutable)
    await asyncio.sleep(0.002)  # the others are younger: MongoDB keeps milliseconds
    kept = await keep(outbox_of(collection), collection, 1000, 1001)
    async with running(outbox_of(collection, broker).run()):
        await until(lambda: set(broker.told) == set(kept))
        await until(lambda: only_these_are_left(collection, len(unroutable)))
        broker.returned = set()
        await until(lambda: all_told(collection))


async def only_these_are_left(collection: mongo.Collection, many: int) -> bool:
    return await untold(collection) == many


async def test_between_two_replicas_and_a_broker_that_fails_nothing_is_lost_and_all_is_marked(
    collection: mongo.Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each telling may be refused, or heard and still reported as failed; each mark may be lost."""
    monkeypatch.setattr("services.chassis.outbox.LEFT_AFTER", timedelta(milliseconds=5))
    draw = random.Random(7)  # noqa: S311 # it draws mishaps, not secrets
    heard: list[str] = []

    class Unsteady(Broker):
        async def tell(self, fact: Event) -> None:
            await asyncio.sleep(draw.random() / 100)
            if draw.random() < 0.2:
                raise NotToldError("refused")
            heard.append(fact.id)
            if draw.random() < 0.2:
                raise NotToldError("heard, but who knows")

    here, there = (outbox_of(collection, Unsteady()) for _ in range(2))
    async with running(here.run(), there.run()):
        kept: list[str] = []
        for start in range(0, 400, 80):
            kept += await keep(here, collection, *range(start, start + 40))
            kept += await keep(there, collection, *range(start + 40, start + 80))
        await until(lambda: all_told(collection))
    assert set(heard) == set(kept)
    async for document in collection.find():
        assert [each["id"] for each in document["told"]] == [f"{document['_id']}/delivery.started"]


async def test_a_process_that_is_killed_between_telling_and_marking_leaves_the_mark_to_the_next(
    collection: mongo.Collection, broker: Broker
) -> None:
    broker.stuck = {"order-1"}
    killed = outbox_of(collection, broker)
    await keep(killed, collection, 1)
    async with running(killed.run()):
        await until(lambda: broker.told)
    assert await untold(collection) == 1
    async with running(outbox_of(collection, Broker()).run()):
        await until(lambda: all_told(collection))
    assert len(await marks(collection)) == 1


async def test_however_many_are_offered_only_so_many_are_told_at_once_and_remembered(
    collection: mongo.Collection, broker: Broker
) -> None:
    outbox = outbox_of(collection, broker, sweep_seconds=AN_HOUR)
    broker.stuck = {f"order-{number}" for number in range(FRESH_AT_MOST + 2 * AT_ONCE)}
    outbox.offer(facts.started(f"order-{number}") for number in range(FRESH_AT_MOST + 2 * AT_ONCE))
    assert len(outbox._fresh) == FRESH_AT_MOST
    async with running(outbox.run()):
        await until(lambda: broker.now == AT_ONCE)
    assert broker.most == AT_ONCE
    assert broker.now == 0, "nothing goes on after the end"


async def test_what_is_committed_just_now_is_nobody_else_s_to_tell(
    collection: mongo.Collection, broker: Broker
) -> None:
    await keep(outbox_of(collection), collection, 1)
    assert await outbox_of(collection, broker).sweep(LEFT_AFTER) == 0
    assert broker.told == []
