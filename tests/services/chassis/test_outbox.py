"""The outbox on the real MongoDB; the listener is a list, and the real bus in the last tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry
from pymongo.errors import AutoReconnect

from schema import channels
from schema.events import Event
from services.chassis import mongo
from services.chassis.aggregates import MongoStore
from services.chassis.background import running
from services.chassis.bus import Bus
from services.chassis.clock import now
from services.chassis.outbox import BATCH, Outbox
from services.delivery import domain
from services.delivery.domain import Delivery
from services.delivery.store import SOURCE
from tests import facts
from tests.services.chassis.hearing import looking, on, settings, waiting_in
from tests.services.chassis.telling import Listener, outbox_of
from tests.waiting import until

AT_ONCE = timedelta()
AN_HOUR = 3600.0


@pytest.fixture
async def collection(database: mongo.Database) -> mongo.Collection:
    await outbox_of(database["things"]).prepare()
    return database["things"]


@pytest.fixture
def listener() -> Listener:
    return Listener()


async def keep(outbox: Outbox, collection: mongo.Collection, *numbers: int) -> list[str]:
    """Keep deliveries that have just started; the ids of what is to be told."""
    store: MongoStore[Delivery] = MongoStore(collection, Delivery, SOURCE, outbox)
    started = [domain.start(None, facts.approved(f"order-{n}"), now()) for n in numbers]
    await asyncio.gather(*(store.add(each) for each in started))
    return [each.facts[0].id for each in started]


async def untold(collection: mongo.Collection) -> int:
    return await collection.count_documents({"outbox.0": {"$exists": True}})


async def all_told(collection: mongo.Collection) -> bool:
    return not await untold(collection)


@asynccontextmanager
async def relaying(outbox: Outbox) -> AsyncIterator[None]:
    async with running(outbox.run()):
        yield


async def test_what_was_committed_is_told_at_once_and_marked(
    collection: mongo.Collection, listener: Listener
) -> None:
    outbox = outbox_of(collection, listener, sweep_seconds=AN_HOUR)
    async with relaying(outbox):
        kept = await keep(outbox, collection, 1, 2, 3)
        await until(lambda: all_told(collection))
    assert set(listener.heard) == set(kept)


async def test_what_an_earlier_process_left_is_told_on_start(
    collection: mongo.Collection, listener: Listener
) -> None:
    kept = await keep(outbox_of(collection), collection, 1, 2)
    async with relaying(outbox_of(collection, listener, sweep_seconds=AN_HOUR)):
        await until(lambda: all_told(collection))
    assert set(listener.heard) == set(kept)


async def test_what_could_not_be_told_is_told_once_somebody_listens(
    collection: mongo.Collection, listener: Listener
) -> None:
    listener.away = True
    outbox = outbox_of(collection, listener, clock=lambda: now() + timedelta(seconds=3))
    async with relaying(outbox):
        kept = await keep(outbox, collection, 1, 2)
        await until(lambda: not outbox._fresh)
        assert await untold(collection) == 2
        listener.away = False
        await until(lambda: all_told(collection))
    assert set(listener.heard) == set(kept)


async def test_what_is_told_but_not_marked_is_told_again(
    collection: mongo.Collection, listener: Listener
) -> None:
    outbox = outbox_of(collection, listener)
    listener.after = asyncio.Event().wait  # type: ignore[assignment] # it never comes
    crashing = asyncio.create_task(outbox.flush())
    kept = await keep(outbox, collection, 1)
    crashing = asyncio.create_task(outbox.flush())
    await until(lambda: listener.heard)
    crashing.cancel()
    again = Listener()
    assert await outbox_of(collection, again).sweep(AT_ONCE) == 1
    assert again.heard == listener.heard == kept
    assert await all_told(collection)


async def test_a_mark_that_fails_leaves_the_fact_to_be_told_again(
    collection: mongo.Collection, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = outbox_of(collection, listener)

    async def away(*_: object) -> None:
        raise AutoReconnect("gone")

    with monkeypatch.context() as patch:
        patch.setattr(outbox._teller._collection, "update_many", away, raising=False)
        kept = await keep(outbox, collection, 1)
        await outbox.flush()
    assert await untold(collection) == 1
    assert await outbox.sweep(AT_ONCE) == 1
    assert listener.heard == kept * 2
    assert await all_told(collection)


async def tell_again(outbox: Outbox, fact: Event) -> None:
    """As a process does that does not know that another has told it."""
    outbox.offer([fact])
    await outbox.flush()


async def marks(collection: mongo.Collection, order_id: str = "order-1") -> dict[str, datetime]:
    document = await collection.find_one({"_id": order_id})
    assert document is not None
    return {each["id"]: each["at"] for each in document["told"]}


async def test_a_mark_says_when_the_broker_confirmed_and_the_first_one_stays(
    collection: mongo.Collection,
) -> None:
    kept = await keep(outbox_of(collection), collection, 1, 2)
    for seconds in (1, 1, 2):
        await tell_again(outbox_of(collection, clock=lambda at=seconds: facts.after(at)), facts.started())
    assert await marks(collection) == {kept[0]: facts.after(1)}
    assert await untold(collection) == 1, "the other is nobody's yet"


async def test_a_mark_leaves_what_else_the_document_has_to_tell(collection: mongo.Collection) -> None:
    await keep(outbox_of(collection), collection, 1)
    more = [{"id": "order-1/delivery.completed", "at": facts.after(2)}]
    await collection.update_one({}, {"$push": {"outbox": {"$each": more}}, "$unset": {"told": 1}})
    await tell_again(outbox_of(collection, clock=lambda: facts.after(9)), facts.started())
    document = await collection.find_one({})
    assert document is not None
    assert document["outbox"] == more
    assert document["told"] == [{"id": facts.started().id, "at": facts.after(9)}]


async def test_a_fact_that_is_told_again_beside_another_is_not_marked_again(
    collection: mongo.Collection,
) -> None:
    await keep(outbox_of(collection), collection, 1)
    await tell_again(outbox_of(collection, clock=lambda: facts.after(3)), facts.started())
    more = [{"id": facts.completed().id, "at": facts.after(3)}]
    await collection.update_one({}, {"$push": {"outbox": {"$each": more}}})
    outbox = outbox_of(collection, clock=lambda: facts.after(9))
    outbox.offer([facts.started(), facts.completed()])
    await outbox.flush()
    assert await marks(collection) == {
        facts.started().id: facts.after(3),
        facts.completed().id: facts.after(9),
    }
    document = await collection.find_one({})
    assert document is not None
    assert (len(document["told"]), document["outbox"]) == (2, [])


async def test_only_what_was_left_for_a_while_is_swept(
    collection: mongo.Collection, listener: Listener
) -> None:
    await keep(outbox_of(collection), collection, 1)
    assert await outbox_of(collection, listener).sweep(timedelta(seconds=60)) == 0
    assert listener.heard == []


async def test_more_than_a_batch_is_told_too(collection: mongo.Collection, listener: Listener) -> None:
    many = range(2 * BATCH + 3)
    kept = await keep(outbox_of(collection), collection, *many)
    async with relaying(outbox_of(collection, listener, sweep_seconds=AN_HOUR)):
        await until(lambda: all_told(collection))
    assert sorted(listener.heard) == sorted(kept)


async def test_what_cannot_be_read_keeps_back_nobody_else_and_is_named(
    collection: mongo.Collection, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    kept = await keep(outbox_of(collection), collection, *range(BATCH + 3))
    damages = ({"facts.0.at": "once"}, {"facts.0.type": "delivery.lost"}, {"facts": None})
    for number, damage in enumerate(damages):
        await collection.update_one({"_id": f"order-{number}"}, {"$set": damage})
    outbox = outbox_of(collection, listener)
    while await outbox.sweep(AT_ONCE):
        caplog.clear()
    assert sorted(listener.heard) == sorted(kept[3:])
    assert await untold(collection) == 3
    said = [vars(record).get("id") for record in caplog.records if record.levelname == "ERROR"]
    assert sorted(map(str, said)) == ["order-0", "order-1", "order-2"]


async def test_a_batch_that_cannot_be_read_keeps_back_nobody_else(
    collection: mongo.Collection, listener: Listener
) -> None:
    kept = await keep(outbox_of(collection), collection, *range(BATCH + 1))
    *damaged, whole = kept
    older = {"facts": [{}], "outbox.0.at": now() - timedelta(minutes=1)}
    await collection.update_many({"_id": {"$in": [each.split("/")[0] for each in damaged]}}, {"$set": older})
    outbox = outbox_of(collection, listener)
    assert await outbox.sweep(AT_ONCE) == 0
    assert await outbox.sweep(AT_ONCE) == 1
    assert listener.heard == [whole]


async def test_what_was_offered_last_is_told_before_the_end(
    collection: mongo.Collection, listener: Listener
) -> None:
    outbox = outbox_of(collection, listener)
    kept = await keep(outbox, collection, *range(BATCH + 1))
    await outbox.flush()
    assert sorted(listener.heard) == sorted(kept)
    assert await all_told(collection)


async def test_of_several_facts_only_the_untold_ones_are_told(
    collection: mongo.Collection, listener: Listener
) -> None:
    outbox = outbox_of(collection, Listener())
    await keep(outbox, collection, 1)
    await outbox.flush()
    store: MongoStore[Delivery] = MongoStore(collection, Delivery, SOURCE, outbox)
    known = await store.load("order-1")
    assert known is not None
    heard = replace(known, facts=(*known.facts, facts.approved("order-1")), version=2)
    await store.replace(known, heard)
    await store.replace(heard, domain.complete(heard, now()))
    assert await outbox_of(collection, listener).sweep(AT_ONCE) == 1
    assert listener.heard == [facts.completed("order-1").id]


async def test_the_sweep_reads_an_index_that_is_empty_when_all_is_told(
    collection: mongo.Collection, database: mongo.Database
) -> None:
    outbox = outbox_of(collection)
    await keep(outbox, collection, *range(5))
    left = {"outbox.0": {"$exists": True}, "outbox.at": {"$lte": now()}}
    plan = await collection.find(left).sort("outbox.at", 1).limit(BATCH).explain()
    assert "'indexName': 'untold'" in str(plan["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
    assert "SORT" not in str(plan["queryPlanner"]["winningPlan"])
    assert (await database.command("validate", "things"))["keysPerIndex"]["untold"] == 5
    await outbox.flush()
    assert (await database.command("validate", "things"))["keysPerIndex"]["untold"] == 0


async def test_what_is_left_untold_can_be_seen(collection: mongo.Collection, listener: Listener) -> None:
    listener.away = True
    registry = CollectorRegistry()
    clock = lambda: now() + timedelta(seconds=60)  # noqa: E731 # said in one line
    outbox = Outbox(collection, listener.tell, registry, sweep_seconds=AN_HOUR, clock=clock)
    await keep(outbox, collection, *range(BATCH + 2))
    await outbox._sweep_all()
    assert registry.get_sample_value("outbox_depth") == BATCH + 2
    assert registry.get_sample_value("outbox_failed_total") == BATCH
    assert 60 <= (registry.get_sample_value("outbox_age_seconds") or 0) < 90
    listener.away = False
    await outbox.flush()
    await outbox._sweep_all()
    assert registry.get_sample_value("outbox_depth") == 0
    assert registry.get_sample_value("outbox_age_seconds") == 0
    assert registry.get_sample_value("outbox_told_total") == BATCH + 2
    assert registry.get_sample_value("outbox_tell_seconds_count") == BATCH + 2
    assert registry.get_sample_value("outbox_tell_seconds_bucket", {"le": "60.0"}) == 0
    assert registry.get_sample_value("outbox_tell_seconds_bucket", {"le": "300.0"}) == BATCH + 2


async def test_on_the_real_bus_what_nobody_hears_stays_untold_until_somebody_does(
    collection: mongo.Collection, rabbitmq_url: str
) -> None:
    async with on(Bus(settings(rabbitmq_url))) as bus, looking(rabbitmq_url) as channel:
        outbox = Outbox(collection, bus.tell, CollectorRegistry(), sweep_seconds=AN_HOUR)
        queue = await channel.get_queue(channels.queue_name("mypage"))
        await queue.unbind(channels.EVENTS, "delivery.*")
        order_queue = await channel.get_queue(channels.queue_name("order"))
        await order_queue.unbind(channels.EVENTS, "delivery.*")
        await keep(outbox, collection, 1)
        await outbox.flush()
        assert await untold(collection) == 1
        await queue.bind(channels.EVENTS, "delivery.*")
        assert await outbox.sweep(AT_ONCE) == 1
        assert await all_told(collection)
        assert await waiting_in(channel, channels.queue_name("mypage")) == 1


async def test_a_whole_batch_goes_over_the_real_bus_at_once(
    collection: mongo.Collection, rabbitmq_url: str
) -> None:
    async with on(Bus(settings(rabbitmq_url))) as bus, looking(rabbitmq_url) as channel:
        outbox = Outbox(collection, bus.tell, CollectorRegistry(), sweep_seconds=AN_HOUR)
        await keep(outbox, collection, *range(BATCH + 10))
        await outbox.flush()
        assert await all_told(collection)
        assert await waiting_in(channel, channels.queue_name("mypage")) == BATCH + 10
