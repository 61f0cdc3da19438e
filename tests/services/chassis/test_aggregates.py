"""One suite for every store of aggregates: the real one, and the one in memory that stands in for it."""

import asyncio
from dataclasses import replace

import pytest

from services.chassis import mongo
from services.chassis.aggregates import Change, ConflictError, MongoStore, Store, change
from services.chassis.carried import Carried
from services.chassis.outbox import Outbox
from services.delivery import domain
from services.delivery.domain import Delivery
from services.delivery.store import SOURCE
from tests import facts
from tests.services.chassis.telling import outbox_of
from tests.services.fakes import FakeStore

DELIVERY = domain.start(None, facts.approved(), facts.NOON)
DELIVERED = domain.complete(DELIVERY, facts.after(1))


@pytest.fixture
def outbox(database: mongo.Database) -> Outbox:
    return outbox_of(database["things"])


@pytest.fixture
def real(database: mongo.Database, outbox: Outbox) -> MongoStore[Delivery]:
    return MongoStore(database["things"], Delivery, SOURCE, outbox)


@pytest.fixture(params=["in memory", "in MongoDB"])
def store(request: pytest.FixtureRequest) -> Store[Delivery]:
    if request.param == "in memory":
        return FakeStore(SOURCE)
    real: Store[Delivery] = request.getfixturevalue("real")
    return real


async def test_what_was_added_is_found_as_it_was(store: Store[Delivery]) -> None:
    await store.add(DELIVERY)
    assert await store.load(facts.ORDER) == DELIVERY
    assert await store.load("another") is None


async def test_what_is_there_is_not_added_again(store: Store[Delivery]) -> None:
    await store.add(DELIVERY)
    with pytest.raises(ConflictError):
        await store.add(DELIVERED)
    assert await store.load(facts.ORDER) == DELIVERY


async def test_what_was_changed_is_found_as_it_became(store: Store[Delivery]) -> None:
    await store.add(DELIVERY)
    await store.replace(DELIVERY, DELIVERED)
    assert await store.load(facts.ORDER) == DELIVERED


async def test_what_somebody_else_has_changed_is_not_replaced(store: Store[Delivery]) -> None:
    await store.add(DELIVERY)
    await store.replace(DELIVERY, DELIVERED)
    with pytest.raises(ConflictError):
        await store.replace(DELIVERY, DELIVERED)
    assert await store.load(facts.ORDER) == DELIVERED


async def test_what_is_not_there_cannot_be_replaced(store: Store[Delivery]) -> None:
    with pytest.raises(ConflictError):
        await store.replace(DELIVERY, DELIVERED)


async def test_of_many_changes_at_once_none_is_lost(store: Store[Delivery]) -> None:
    await store.add(DELIVERY)

    def one_more(known: Delivery | None) -> Delivery | None:
        assert known is not None
        fact = facts.canceled(f"o{known.version}")
        return replace(known, version=known.version + 1, facts=(*known.facts, fact))

    await asyncio.gather(*(change(store, facts.ORDER, one_more) for _ in range(20)))
    known = await store.load(facts.ORDER)
    assert known is not None
    assert known.version == 21
    assert len({fact.id for fact in known.facts}) == 21


async def test_of_many_that_add_the_same_one_does(store: Store[Delivery]) -> None:
    approved = facts.approved()
    results = await asyncio.gather(
        *(
            change(store, facts.ORDER, lambda known, at=at: domain.start(known, approved, facts.after(at)))  # type: ignore[misc] # a default is all it is
            for at in range(10)
        )
    )
    assert len({result.facts[0].at for result in results if result}) == 1


async def test_where_nothing_is_to_change_nothing_is_kept(store: Store[Delivery]) -> None:
    assert await change(store, facts.ORDER, lambda known: known) is None
    await store.add(DELIVERY)
    assert await change(store, facts.ORDER, lambda known: known) == DELIVERY
    assert await change(store, facts.ORDER, lambda _: None) == DELIVERY


async def test_only_its_own_facts_go_to_the_outbox(
    real: MongoStore[Delivery], database: mongo.Database
) -> None:
    await real.add(DELIVERY)
    heard = replace(DELIVERY, version=2, facts=(*DELIVERY.facts, facts.payment_canceled()))
    await real.replace(DELIVERY, heard)
    await real.replace(heard, replace(heard, version=3, facts=(*heard.facts, facts.delivery_canceled())))
    document = await database["things"].find_one({})
    assert document is not None
    assert [entry["id"].split("/")[1] for entry in document["outbox"]] == [
        "delivery.started",
        "delivery.canceled",
    ]
    assert len(document["facts"]) == 3


async def test_a_change_does_not_undo_that_a_fact_was_told_meanwhile(
    real: MongoStore[Delivery], outbox: Outbox, database: mongo.Database
) -> None:
    await real.add(DELIVERY)
    known = await real.load(facts.ORDER)
    assert known is not None
    await outbox.flush()
    await real.replace(known, DELIVERED)
    document = await database["things"].find_one({})
    assert document is not None
    assert [entry["id"] for entry in document["outbox"]] == [facts.completed().id]


async def test_a_change_that_is_told_of_nothing_touches_no_list(
    real: MongoStore[Delivery], database: mongo.Database
) -> None:
    await real.add(DELIVERY)
    await real.replace(DELIVERY, replace(DELIVERY, version=2))
    document = await database["things"].find_one({})
    assert document is not None
    assert (document["version"], len(document["facts"]), len(document["outbox"])) == (2, 1, 1)


ANOTHER = domain.start(None, facts.approved("order-2"), facts.NOON)


async def test_many_are_kept_and_found_together(store: Store[Delivery]) -> None:
    await store.add(DELIVERY)
    assert not await store.keep_all([Change(DELIVERY, DELIVERED), Change(None, ANOTHER)])
    assert await store.load_all([facts.ORDER, "order-2", "order-3"]) == {
        facts.ORDER: DELIVERED,
        "order-2": ANOTHER,
    }
    assert not await store.keep_all([])


async def test_of_many_only_those_fail_that_somebody_else_has_changed_or_added(
    store: Store[Delivery],
) -> None:
    third = domain.start(None, facts.approved("order-3"), facts.NOON)
    for each in (DELIVERY, ANOTHER, third):
        await store.add(each)
    await store.replace(DELIVERY, DELIVERED)
    meanwhile = domain.complete(third, facts.after(2))
    fourth = domain.start(None, facts.approved("order-4"), facts.NOON)
    failed = await store.keep_all(
        [
            Change(DELIVERY, replace(DELIVERED, facts=(*DELIVERY.facts, facts.canceled()))),
            Change(None, ANOTHER),
            Change(third, meanwhile),
            Change(None, fourth),
        ]
    )
    assert {order_id: type(error) for order_id, error in failed.items()} == {
        facts.ORDER: ConflictError,
        "order-2": ConflictError,
    }
    there = await store.load_all([facts.ORDER, "order-3", "order-4"])
    assert there == {facts.ORDER: DELIVERED, "order-3": meanwhile, "order-4": fourth}


async def test_what_is_kept_together_is_told_with_what_caused_each(
    real: MongoStore[Delivery], database: mongo.Database
) -> None:
    await real.add(DELIVERY)
    causes = [Carried(correlation_id=f"operation-{number}") for number in range(2)]
    await real.keep_all([Change(DELIVERY, DELIVERED, causes[0]), Change(None, ANOTHER, causes[1])])
    documents = {each["_id"]: each["outbox"][-1] async for each in database["things"].find({})}
    assert documents[facts.ORDER]["correlation_id"] == "operation-0"
    assert documents["order-2"]["correlation_id"] == "operation-1"
