"""The port to a payment provider, and the sandbox provider behind it."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol

import pymongo
from prometheus_client import CollectorRegistry, Gauge

from schema.feed import Account
from schema.requests import SandboxLevers
from services.chassis import mongo
from services.chassis.collecting import Collector
from services.payment.domain import Charged, Outcome, Refused, Voided

ENTRIES_EVERY_SECONDS = 0.05
"""Charges that take four times as long enter the ledger at these moments, many together."""


class ProviderUnavailableError(Exception):
    """The provider certainly did not charge."""


class PaymentProvider(Protocol):
    """Whoever moves the money. Charging and giving back are idempotent by key, over crashes and retries."""

    async def charge(self, key: str, amount: int, method: str) -> Outcome:
        """Take `amount` won, once for this key. Raises ProviderUnavailableError."""
        ...

    async def give_back(self, key: str) -> None:
        """Give back what was charged under this key; where nothing was, see that nothing ever is.

        Raises ProviderUnavailableError where it could not be done now.
        """
        ...

    async def statements(self, keys: Sequence[str]) -> dict[str, Account]:
        """What its books say of these keys; one that it has never charged is left out.

        Raises ProviderUnavailableError where they cannot be read now.
        """
        ...


class OutcomeUnknownError(Exception):
    """The provider has not answered in time: it may have done what it was asked, or may do it yet."""


class Timely:
    """A provider that is not waited for longer than `seconds`. Raises OutcomeUnknownError after that."""

    def __init__(self, provider: PaymentProvider, seconds: float) -> None:
        self._provider = provider
        self._seconds = seconds

    async def charge(self, key: str, amount: int, method: str) -> Outcome:
        """Take `amount` won, once for this key. Raises ProviderUnavailableError."""
        async with self._in_time():
            return await self._provider.charge(key, amount, method)

    async def give_back(self, key: str) -> None:
        """Give back what was charged under this key, or see that nothing ever is."""
        async with self._in_time():
            await self._provider.give_back(key)

    async def statements(self, keys: Sequence[str]) -> dict[str, Account]:
        """What the provider's books say of these keys; one that was never charged is left out."""
        async with self._in_time():
            return await self._provider.statements(keys)

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except TimeoutError as error:
            raise OutcomeUnknownError(f"no answer within {self._seconds:g} s") from error


class _Entry(NamedTuple):
    """A charge, as it is entered into the ledger."""

    key: str
    amount: int


class SandboxProvider:
    """A provider that moves no money but keeps a true ledger, and can be made slow, failing or full.

    It approves `card-ok`, and refuses `card-declined` and whatever else it does not know. The money moves in
    the middle of the time that a charge takes: who does not wait for the answer may have been charged or not.
    """

    def __init__(self, ledger: mongo.Collection, levers: SandboxLevers, registry: CollectorRegistry) -> None:
        self._ledger = ledger
        self._entering = Collector(self._enter)
        self._levers = levers
        self._random = random.Random()  # noqa: S311 # it chooses delays, not secrets
        self._charging = 0
        self._moved = asyncio.Condition()
        self._in_flight = Gauge(
            "payment_charges_in_flight", "Charges at the provider, queued ones included.", registry=registry
        )

    @property
    def levers(self) -> SandboxLevers:
        """How it behaves."""
        return self._levers

    async def pull(self, levers: SandboxLevers) -> None:
        """Behave so from now on, also towards those that queue."""
        async with self._moved:
            self._levers = levers
            self._moved.notify_all()

    async def charge(self, key: str, amount: int, method: str) -> Outcome:
        """Take `amount` won, once for this key. Raises ProviderUnavailableError."""
        with self._in_flight.track_inprogress():
            async with self._place():
                levers, clock = self._levers, asyncio.get_running_loop().time
                seconds = self._random.uniform(levers.latency_ms_min, levers.latency_ms_max) / 1000
                answers_at = clock() + seconds
                await asyncio.sleep(until_entered(clock(), seconds))
                fails = self._random.random() < levers.failure_rate
                outcome = None if fails else await self._decide(key, amount, method)
                await asyncio.sleep(answers_at - clock())
            if outcome is None:
                raise ProviderUnavailableError("the sandbox was told to fail")
            return outcome

    async def give_back(self, key: str) -> None:
        """Give back what was charged under this key; where nothing was, see that nothing ever is."""
        charged = {"$eq": ["$state", "CHARGED"]}
        given_back = {
            "state": {"$cond": [charged, "GIVEN_BACK", {"$ifNull": ["$state", "VOID"]}]},
            "given_back": {"$cond": [charged, "$amount", "$given_back"]},
        }
        await self._ledger.update_one({"_id": key}, [{"$set": given_back}], upsert=True)

    async def statements(self, keys: Sequence[str]) -> dict[str, Account]:
        """What the ledger says of these keys; one that was never charged is left out."""
        entries = self._ledger.find({"_id": {"$in": list(keys)}, "amount": {"$exists": True}})
        return {entry["_id"]: _account(entry) async for entry in entries}

    async def _decide(self, key: str, amount: int, method: str) -> Outcome:
        if method == "card-declined":
            return Refused("card_declined")
        if method != "card-ok":
            return Refused("unknown_payment_method")
        taken = await self._entering.take_in(_Entry(key, amount))
        if isinstance(taken, Exception):
            raise taken
        if not taken:
            known = await self._ledger.find_one({"_id": key})
            return Charged() if known and known["state"] == "CHARGED" else Voided()
        return Charged()

    async def _enter(self, entries: Sequence["_Entry"]) -> Sequence[bool]:
        """Enter charges into the ledger; whether each was, or its key was known."""
        writes = [
            pymongo.UpdateOne(
                {"_id": key, "state": {"$exists": False}},
                {"$set": {"state": "CHARGED"}, "$inc": {"charges": 1, "amount": amount}},
                upsert=True,
            )
            for key, amount in entries
        ]
        try:
            await self._ledger.bulk_write(writes, ordered=False)
        except mongo.BulkWriteError as error:
            known = {
                each["index"] for each in error.details["writeErrors"] if each["code"] == mongo.DUPLICATE
            }
            if len(known) < len(error.details["writeErrors"]) or error.details["writeConcernErrors"]:
                raise
            return [number not in known for number in range(len(entries))]
        return [True] * len(entries)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One of the places that charges have; those that find none wait."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._levers.stopped or self._charging < self._levers.capacity)
            if self._levers.stopped:
                raise ProviderUnavailableError("the sandbox was told to stop")
            self._charging += 1
        try:
            yield
        finally:
            self._charging -= 1
            async with self._moved:
                self._moved.notify(1)


def until_entered(now: float, seconds: float) -> float:
    """From now to the moment in the middle of the time at which money moves, with that of others."""
    half = seconds / 2
    return half if half < 2 * ENTRIES_EVERY_SECONDS else half - (now + half) % ENTRIES_EVERY_SECONDS


def _account(entry: mongo.Document) -> Account:
    """What an entry says; those of before charges were counted have one, given back whole or not at all."""
    amount = entry["amount"]
    unsaid = amount if entry["state"] == "GIVEN_BACK" else 0
    return Account(
        charges=entry.get("charges", 1), charged=amount, given_back=entry.get("given_back", unsaid)
    )
