"""The sandbox provider's ledger, on the real MongoDB."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry

from schema.feed import Account
from schema.requests import SandboxLevers
from services.chassis import mongo
from services.payment.domain import Charged, Outcome, Refused, Voided
from services.payment.provider import (
    ENTRIES_EVERY_SECONDS,
    OutcomeUnknownError,
    ProviderUnavailableError,
    SandboxProvider,
    Timely,
    until_entered,
)
from tests.waiting import until


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


async def test_who_has_waited_too_long_for_a_place_leaves_the_queue(
    sandbox: SandboxProvider, database: mongo.Database
) -> None:
    await sandbox.pull(SandboxLevers(latency_ms_min=60_000, latency_ms_max=60_000, capacity=1))
    hurried = Timely(sandbox, 0.1)
    outcomes = await asyncio.gather(
        *(hurried.charge(f"key-{n}", 100, "card-ok") for n in range(3)), return_exceptions=True
    )
    assert [type(each) for each in outcomes] == [OutcomeUnknownError] * 3
    await sandbox.pull(SandboxLevers(latency_ms_min=0, latency_ms_max=0, capacity=1))
    assert await sandbox.charge("key", 100, "card-ok") == Charged()
    assert await database["ledger"].count_documents({}) == 1


async def test_the_money_moves_before_the_answer_comes(
    sandbox: SandboxProvider, database: mongo.Database
) -> None:
    async def is_charged() -> bool:
        return await state(database) == "CHARGED"

    await sandbox.pull(SandboxLevers(latency_ms_min=3000, latency_ms_max=3000))
    charging = asyncio.create_task(sandbox.charge("key", 100, "card-ok"))
    await until(is_charged)
    assert not charging.done()
    await sandbox.give_back("key")
    assert await charging == Charged()
    assert await state(database) == "GIVEN_BACK"


async def test_a_charge_whose_answer_came_too_late_is_found_under_its_key(sandbox: SandboxProvider) -> None:
    class Late:
        """The money moves at once, the answer takes its time."""

        give_back = sandbox.give_back
        statements = sandbox.statements

        async def charge(self, key: str, amount: int, method: str) -> Outcome:
            outcome = await sandbox.charge(key, amount, method)
            await asyncio.sleep(3600)
            return outcome

    with pytest.raises(OutcomeUnknownError, match=r"no answer within 0\.2 s"):
        await Timely(Late(), 0.2).charge("key", 100, "card-ok")
    assert await sandbox.charge("key", 100, "card-ok") == Charged()


async def test_a_provider_that_answers_in_time_is_as_it_is(sandbox: SandboxProvider) -> None:
    patient = Timely(sandbox, 60)
    assert await patient.charge("key", 100, "card-ok") == Charged()
    await patient.give_back("key")
    assert await patient.charge("key", 100, "card-ok") == Voided()
    await sandbox.pull(SandboxLevers(stopped=True))
    with pytest.raises(ProviderUnavailableError):
        await patient.charge("another", 100, "card-ok")


@pytest.mark.parametrize("seconds", [0.2, 0.4, 0.62])
@pytest.mark.parametrize("now", [0.0, 17.01, 17.049, 123456.789])
def test_long_charges_are_entered_at_moments_in_common_within_their_time(now: float, seconds: float) -> None:
    waits = until_entered(now, seconds)
    assert seconds / 4 <= waits <= seconds / 2
    moments = (now + waits) / ENTRIES_EVERY_SECONDS
    assert moments == pytest.approx(round(moments), abs=1e-3)


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.19])
def test_short_charges_are_entered_in_the_middle(seconds: float) -> None:
    assert until_entered(17.01, seconds) == seconds / 2
