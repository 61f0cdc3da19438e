"""A page costs the same for a customer of few orders and of many, and however deep it is."""

import pytest

from schema.views import OrderStatus
from services.chassis import mongo
from tests.bench.flat.cases import FEW, SHOWN, Case, cases, keep

MANY = 2000


@pytest.fixture
async def kept(database: mongo.Database) -> mongo.Collection:
    for customer, count in (("few", FEW), ("many", MANY)):
        await keep(database["orders"], customer, count)
    return database["orders"]


async def test_a_page_examines_what_it_shows_and_one_more_however_many_there_are(
    kept: mongo.Collection,
) -> None:
    asked = cases(MANY, depths=(1, 10, 100, 180))
    for each in asked:
        await each.explain(kept)
    firsts = [(each.keys, each.documents) for each in asked if each.after is None]
    deep = [(each.keys, each.documents) for each in asked if each.after is not None]
    assert firsts == [(SHOWN + 1, SHOWN + 1)] * 4
    assert deep == [(SHOWN + 2, SHOWN + 2)] * 8, "and the order that the page before ended with"


async def test_a_status_that_is_rare_costs_what_it_shows(kept: mongo.Collection) -> None:
    rare = {"$set": {"status": OrderStatus.CANCELED}}
    await kept.update_many({"customer_id": "many", "_id": {"$lt": "many-00000005"}}, rare)
    case = Case("rare", "many", status=[OrderStatus.CANCELED])
    await case.explain(kept)
    assert (case.keys, case.documents) == (5, 5)
