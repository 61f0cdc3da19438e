import json

import pytest
from pydantic import ValidationError

from schema.events import EVENT, EVENTS, CancelReason, Event, headers
from services.chassis import mongo
from services.chassis.clock import now
from tests import facts

EVERY_KIND = pytest.mark.parametrize("fact", facts.every_kind(), ids=lambda fact: fact.type)


@EVERY_KIND
def test_a_fact_comes_back_from_json_as_it_was(fact: Event) -> None:
    assert EVENT.validate_json(fact.model_dump_json()) == fact


@EVERY_KIND
async def test_a_fact_comes_back_from_the_database_as_it_was(fact: Event, database: mongo.Database) -> None:
    fact = fact.model_copy(update={"at": now()})
    await database["facts"].insert_one({"_id": 1, "facts": EVENTS.dump_python((fact,))})
    document = await database["facts"].find_one({"_id": 1})
    assert document is not None
    assert EVENTS.validate_python(document["facts"]) == (fact,)


async def test_a_reason_is_plain_text_in_the_database(database: mongo.Database) -> None:
    await database["facts"].insert_one(EVENT.dump_python(facts.canceled()))
    document = await database["facts"].find_one({})
    assert document is not None
    assert type(document["reason"]) is str
    assert document["reason"] == "BY_CUSTOMER"


def test_the_time_of_day_is_as_exact_as_the_database_keeps_it() -> None:
    assert now().microsecond % 1000 == 0


@EVERY_KIND
def test_a_fact_has_the_attributes_of_a_cloud_event(fact: Event) -> None:
    said = headers(fact)
    assert said["ce-specversion"] == "1.0"
    assert said["ce-id"] == f"{facts.ORDER}/{fact.type}"
    assert said["ce-source"] == f"/services/{fact.type.split('.')[0]}"
    assert said["ce-type"] == fact.type
    assert said["ce-subject"] == facts.ORDER
    assert said["ce-time"] == fact.at.isoformat()


def test_no_two_kinds_of_fact_have_one_id() -> None:
    kinds = facts.every_kind()
    assert len({fact.id for fact in kinds}) == len(kinds)


def test_the_same_fact_told_later_has_the_same_id() -> None:
    assert facts.approved().id == facts.approved(at=facts.after(99)).id


@EVERY_KIND
def test_what_a_later_version_adds_to_a_fact_is_passed_over(fact: Event) -> None:
    said = json.loads(fact.model_dump_json()) | {"color": "green"}
    assert EVENT.validate_python(said | {"at": fact.at}) == fact


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "order.eaten"},
        {"type": None},
        {"order_id": ""},
        {"order_id": 7},
        {"at": "2026-11-22T12:00:00"},
        {"at": "noon"},
        {"reason": "BORED"},
    ],
    ids=str,
)
def test_what_is_no_fact_is_refused(wrong: dict[str, object]) -> None:
    said = json.loads(facts.canceled().model_dump_json()) | wrong
    with pytest.raises(ValidationError):
        EVENT.validate_json(json.dumps(said))


def test_a_fact_with_something_missing_is_refused() -> None:
    said = json.loads(facts.approved().model_dump_json())
    for name in said:
        with pytest.raises(ValidationError):
            EVENT.validate_python({key: value for key, value in said.items() if key != name})


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValidationError):
        facts.approved(amount=-1)


def test_a_fact_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        facts.canceled().reason = CancelReason.PAYMENT_TIMEOUT  # type: ignore[misc] # that is the point
