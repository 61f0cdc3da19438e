"""The sandbox provider's ledger, on the real MongoDB."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry

from schema.feed import Account
from schema.requests import SandboxLevers
from services.chassis import mongo
from services.payment.domain import Charged, Refused, Voided
from services.payment.provider import SandboxProvider


@pytest.fixture
def sandbox(database: mongo.Database) -> SandboxProvider:
    levers = SandboxLevers(latency_ms_min=0, latency_ms_max=0)
    return SandboxProvider(database["ledger"], levers, CollectorRegistry())


async def state(database: mongo.Database) -> object:
    entry = await database["ledger"].find_one({"_id": "key"})
    return entry and entry["state"]


async def test_one_key_is_charged_once(sandbox: SandboxProvider, database: mongo.Database) -> None:
    outcomes = await asyncio.gather(*(sandbox.charge("key", 100, "card-ok") for _ in range(5)))
    assert outcomes == [Charged()] * 5
    assert await database["ledger"].count_documents({}) == 1


async def test_what_is_given_back_is_not_charged_again(
    sandbox: SandboxProvider, database: mongo.Database
) -> None:
    await sandbox.charge("key", 100, "card-ok")
    for _ in range(2):
        await sandbox.give_back("key")
        assert await state(database) == "GIVEN_BACK"
    assert await sandbox.charge("key", 100, "card-ok") == Voided()


async def test_what_is_given_back_before_it_was_charged_never_is(
    sandbox: SandboxProvider, database: mongo.Database
) -> None:
    for _ in range(2):
        await sandbox.give_back("key")
        assert await state(database) == "VOID"
    assert await sandbox.charge("key", 100, "card-ok") == Voided()
    assert await state(database) == "VOID"


async def test_its_books_say_what_was_taken_and_what_was_given_back(
    sandbox: SandboxProvider, database: mongo.Database
) -> None:
    for key, amount in (("kept", 100), ("returned", 200)):
        await asyncio.gather(*(sandbox.charge(key, amount, "card-ok") for _ in range(3)))
    for key in ("returned", "returned", "void"):
        await sandbox.give_back(key)
    old = {"amount": 300, "state": "CHARGED"}
    await database["ledger"].insert_many([{"_id": "old", **old}, {"_id": "older", **old}])
    await sandbox.give_back("older")
    await database["ledger"].insert_one({"_id": "oldest", "amount": 400, "state": "GIVEN_BACK"})
    assert await sandbox.statements(["kept", "returned", "void", "old", "older", "oldest", "none"]) == {
        "kept": Account(charges=1, charged=100),
        "returned": Account(charges=1, charged=200, given_back=200),
        "old": Account(charges=1, charged=300),
        "older": Account(charges=1, charged=300, given_back=300),
        "oldest": Account(charges=1, charged=400, given_back=400),
    }


async def test_a_means_of_payment_that_it_does_not_know_is_refused(
    sandbox: SandboxProvider, database: mongo.Database
) -> None:
    assert await sandbox.charge("key", 100, "card-declined") == Refused("card_declined")
    assert await sandbox.charge("key", 100, "shells") == Refused("unknown_payment_method")
    assert await state(database) is None
