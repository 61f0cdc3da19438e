"""Kill -9 at every await between a command and its answer, and after it: done once, told, never lost."""

import itertools
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatch
from typing import Any, get_args

import pytest
from aio_pika.abc import AbstractChannel

from schema import channels
from schema.events import EVENTS, CancelReason, Event
from schema.requests import CancelOrder
from services.chassis import mongo
from services.chassis.bus import Bus
from services.order import domain as orders
from services.order.store import MongoOrders
from services.payment import domain as payment
from services.payment.store import MongoPayments
from tests import facts
from tests.conftest import Place
from tests.drills.lives import Ending, Life, Request, lived, preload
from tests.drills.steps import Moment
from tests.services.chassis import hearing
from tests.services.chassis.telling import outbox_of
from tests.waiting import until

SETTINGS = {
    "log_level": "error",
    "outbox_sweep_seconds": 0.1,
    "payment_charge_patience_seconds": 0.5,
    "payment_sweep_seconds": 0.05,
    "payment_sandbox_latency_ms_min": 1,
    "payment_sandbox_latency_ms_max": 2,
}
MOMENTS: tuple[Moment, ...] = get_args(Moment)
COLLECTIONS = {"order": "orders", "payment": "payments", "delivery": "deliveries", "mypage": "orders"}


class World:
    """This test's databases and broker."""

    def __init__(self, place: Place, client: mongo.Client, bus: Bus, channel: AbstractChannel) -> None:
        self.place = place
        self.bus = bus
        self._client = client
        self._channel = channel

    def collection(self, service: str, name: str | None = None) -> mongo.Collection:
        """A service's documents."""
        return self._client[f"{self.place.prefix}_{service}"][name or COLLECTIONS[service]]

    async def waiting(self, hearer: str) -> int:
        """How many messages wait for a hearer whose process is gone."""

        async def left() -> bool:
            return not (await self._queue(hearer)).declaration_result.consumer_count

        await until(left)
        return (await self._queue(hearer)).declaration_result.message_count or 0

    async def told(self, hearer: str) -> set[str]:
        """The ids of what a hearer would hear, taken out of its queue."""
        queue = await self._queue(hearer)
        ids = set()
        while message := await queue.get(fail=False):
            await message.ack()
            ids.add(message.message_id or "")
        return ids

    async def _queue(self, hearer: str) -> Any:
        return await self._channel.get_queue(channels.queue_name(hearer))


@pytest.fixture
async def world(place: Place, mongo_client: mongo.Client) -> AsyncIterator[World]:
    preload()
    bus = Bus(hearing.settings(place.rabbitmq_url))
    async with hearing.on(bus), hearing.looking(place.rabbitmq_url) as channel:
        yield World(place, mongo_client, bus, channel)


@dataclass(frozen=True)
class Command:
    """What a service is asked or hears, and what is to be true of the order afterwards."""

    service: str
    request: Callable[[str], Request] | None = None
    hears: tuple[Callable[[str], Event], ...] = ()
    lay_out: Callable[[World, str], Awaitable[None]] | None = None
    before: frozenset[str] = frozenset()
    happened: frozenset[str] = frozenset()
    money: dict[str, Any] | None = None

    def life(self, world: World, name: str) -> Life:
        """A process that carries it out."""
        settings = {
            "mongo_url": world.place.mongo_url,
            "rabbitmq_url": world.place.rabbitmq_url,
            "mongo_database_prefix": world.place.prefix,
        }
        return Life(
            self.service,
            settings | SETTINGS,
            request=self.request(name) if self.request else None,
        )


def place_order(name: str) -> Request:
    return Request("POST", "/orders", facts.place_order(idempotency_key=name).model_dump_json())


def approve_payment(name: str) -> Request:
    return Request("PUT", f"/payments/{name}", facts.approve_payment().model_dump_json())


def cancel_order(name: str) -> Request:
    command = CancelOrder(customer_id=facts.CUSTOMER, reason=CancelReason.BY_CUSTOMER)
    return Request("POST", f"/orders/{name}/cancel", command.model_dump_json())


async def an_order(world: World, name: str) -> None:
    """An order that was placed and told."""
    collection = world.collection("order")
    order = orders.place(facts.place_order(idempotency_key=name), facts.APPLE, name, facts.after(0))
    await MongoOrders(collection, outbox_of(collection)).add(order)
    await collection.update_one({"_id": name}, {"$set": {"outbox": []}})


async def a_payment(world: World, name: str) -> None:
    """A payment that was approved, charged and told."""
    collection = world.collection("payment")
    asked_for = payment.request(name, facts.approve_payment(), facts.after(0), timedelta(seconds=5))
    await MongoPayments(collection, outbox_of(collection)).add(
        payment.settle(asked_for, payment.Charged(), facts.after(1))
    )
    await collection.update_one({"_id": name}, {"$set": {"outbox": []}})
    charged = {"_id": name, "state": "CHARGED", "charges": 1, "amount": facts.AMOUNT}
    await world.collection("payment", "sandbox_ledger").insert_one(charged)


COMMANDS = {
    "place": Command("order", request=place_order, happened=frozenset({"order.placed"})),
    "approve": Command(
        "payment",
        request=approve_payment,
        happened=frozenset({"payment.approved"}),
        money={"state": "CHARGED", "charges": 1, "amount": facts.AMOUNT},
    ),
    "cancel": Command(
        "order",
        request=cancel_order,
        lay_out=an_order,
        before=frozenset({"order.placed"}),
        happened=frozenset({"order.canceled"}),
    ),
    "give back": Command(
        "payment",
        lay_out=a_payment,
        hears=(facts.canceled,),
        before=frozenset({"payment.approved"}),
        happened=frozenset({"payment.canceled"}),
        money={"state": "GIVEN_BACK", "charges": 1, "amount": facts.AMOUNT, "given_back": facts.AMOUNT},
    ),
    "deliver": Command("delivery", hears=(facts.approved,), happened=frozenset({"delivery.started"})),
    "project": Command(
        "mypage",
        hears=(facts.placed, facts.approved),
        happened=frozenset({"order.placed", "payment.approved"}),
    ),
}


@pytest.mark.parametrize("name", COMMANDS)
async def test_it_may_die_at_any_point_and_all_is_done_once_and_told(world: World, name: str) -> None:
    for moment in MOMENTS:
        deaths = [death async for death in died_everywhere(world, COMMANDS[name], moment)]
        assert len(deaths) > 2, deaths


async def test_a_service_that_forgets_what_is_untold_is_found_out(world: World) -> None:
    with pytest.raises(AssertionError, match="never told"):
        async for _ in died_everywhere(world, COMMANDS["place"], "suspended", broken=True):
            pass


async def died_everywhere(
    world: World, command: Command, moment: Moment, *, broken: bool = False
) -> AsyncIterator[Ending]:
    """Let a process die at each point in turn, and another take over; how each died."""
    for point in itertools.count(1):
        name = uuid.uuid4().hex
        if command.lay_out:
            await command.lay_out(world, name)
        for fact in command.hears:
            await world.bus.tell(fact(name))
        life = replace(command.life(world, name), broken=broken)
        ending = await lived(replace(life, at=point, moment=moment, hears=len(command.hears)))
        if ending.died:
            yield ending
            await lived(replace(life, hears=await world.waiting(command.service)))
        await all_is_well(world, command, name, f"{moment} at {ending}")
        if not ending.died:
            return


async def all_is_well(world: World, command: Command, name: str, when: str) -> None:
    """One order, one charge, one delivery or one page, with all facts; and all told to all who hear them."""
    collection = world.collection(command.service)
    which = {"idempotency_key": name} if command.request is place_order else {"_id": name}
    found = await collection.find(which).to_list(None)
    assert len(found) == 1, f"{len(found)} documents, {when}"
    kept = EVENTS.validate_python(found[0]["facts"])
    assert sorted(fact.type for fact in kept) == sorted(command.before | command.happened), when
    assert not found[0].get("outbox"), when
    if command.money:
        ledger = await world.collection("payment", "sandbox_ledger").find_one({"_id": name}, {"_id": 0})
        assert ledger == command.money, when
    await all_is_told(world, command, kept, when)


async def all_is_told(world: World, command: Command, kept: tuple[Event, ...], when: str) -> None:
    source = f"/services/{command.service}"
    own = [fact for fact in kept if fact.source == source and fact.type not in command.before]
    for hearer, keys in channels.HEARS.items():
        if hearer == command.service:
            assert not await world.waiting(hearer), f"left in the queue, {when}"
            continue
        told = await world.told(hearer)
        expected = {fact.id for fact in own if any(fnmatch(fact.type, key) for key in keys)}
        assert expected <= told, f"never told, {when}"
