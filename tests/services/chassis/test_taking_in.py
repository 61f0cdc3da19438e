"""Facts taken in together are each taken in as by themselves, in memory and in MongoDB."""

import asyncio
from collections.abc import Sequence

import pytest

from schema.events import Event
from services.chassis import mongo
from services.chassis.aggregates import Change, MongoStore, Store
from services.chassis.taking_in import Heard, take_in_all, taken
from services.delivery import domain
from services.delivery.domain import Delivery
from services.delivery.store import SOURCE
from tests import facts
from tests.services.chassis.telling import outbox_of
from tests.services.fakes import FakeStore


@pytest.fixture(params=["in memory", "in MongoDB"])
def store(request: pytest.FixtureRequest) -> Store[Delivery]:
    if request.param == "in memory":
        return FakeStore(SOURCE)
    database: mongo.Database = request.getfixturevalue("database")
    return MongoStore(database["things"], Delivery, SOURCE, outbox_of(database["things"]))


def decide(delivery: Delivery | None, fact: Event) -> Delivery | None:
    match fact.type:
        case "payment.approved":
            return domain.start(delivery, fact, facts.NOON)
        case "payment.canceled":
            return domain.cancel(delivery, fact, facts.NOON)
        case _:
            raise ValueError(fact.type)


def heard(*told: Event) -> list[Heard]:
    return [Heard(fact) for fact in told]


async def test_each_gets_its_own_outcome(store: Store[Delivery]) -> None:
    told = heard(facts.approved("a"), facts.placed("b"), facts.approved("c"), facts.approved("a"))
    first, wrong, other, again = await take_in_all(told, store, decide)
    assert isinstance(wrong, ValueError)
    with pytest.raises(ValueError, match=r"order\.placed"):
        taken(wrong)
    assert taken(first).before is None
    assert taken(again).before is taken(again).after, "a repetition changes nothing"
    there = await store.load_all(["a", "b", "c"])
    assert there == {"a": taken(first).after, "c": taken(other).after}


async def test_facts_about_one_order_are_taken_in_one_after_another(store: Store[Delivery]) -> None:
    start, stop = await take_in_all(heard(facts.approved("a"), facts.payment_canceled("a")), store, decide)
    assert taken(stop).before == taken(start).after
    assert await store.load("a") == taken(stop).after


async def test_many_who_take_in_the_same_at_once_agree(store: Store[Delivery]) -> None:
    told = heard(facts.approved("a"), facts.approved("b"))
    outcomes = await asyncio.gather(*(take_in_all(told, store, decide) for _ in range(8)))
    became = [taken(each) for outcome in outcomes for each in outcome]
    assert sorted(each.after.order_id for each in became if each.after and not each.before) == ["a", "b"]


class Choosy(FakeStore[Delivery]):
    """Keeps nothing in company of what it does not like."""

    async def keep_all(self, changes: Sequence[Change[Delivery]]) -> dict[str, Exception]:
        if any(each.new.order_id == "bad" for each in changes):
            raise ZeroDivisionError
        return await super().keep_all(changes)


async def test_what_fails_in_company_is_tried_alone() -> None:
    store = Choosy(SOURCE)
    bad, good = await take_in_all(heard(facts.approved("bad"), facts.approved("good")), store, decide)
    assert isinstance(bad, ZeroDivisionError)
    assert taken(good).after == store.kept["good"]
