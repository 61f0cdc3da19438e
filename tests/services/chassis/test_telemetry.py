"""Traces across what waits and what is lost: the outbox, the broker, a collector that is away."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from opentelemetry.trace import SpanKind

from schema.events import Event
from services.chassis import mongo, telemetry
from services.chassis.background import running
from services.chassis.bus import Bus
from services.chassis.carried import NOTHING, Carried, carried
from services.chassis.commands import listeners
from services.chassis.outbox import entries
from services.chassis.settings import ProcessSettings
from services.chassis.telemetry import Telemetry
from tests import facts
from tests.bff.serving import deaf
from tests.conftest import Place
from tests.services.chassis.recording import Recorded, parent_id, trace_id
from tests.services.chassis.telling import Listener, outbox_of
from tests.waiting import until

CAUSE = Carried(f"00-{'ab' * 16}-{'cd' * 8}-01", "the-cause-of-it-all")
AT_ONCE = timedelta()


class Causes(Listener):
    """Hears what is told, and because of what."""

    def __init__(self) -> None:
        super().__init__()
        self.causes: list[Carried] = []

    async def tell(self, fact: Event) -> None:
        await super().tell(fact)
        self.causes.append(carried())


async def kept(collection: mongo.Collection) -> Event:
    """Commit a fact within what causes it."""
    fact = facts.started()
    with CAUSE.resumed():
        await collection.insert_one(
            {"_id": fact.order_id, "facts": [fact.model_dump()], "outbox": entries([fact])}
        )
    return fact


async def test_what_another_process_left_untold_is_told_because_of_its_cause(
    database: mongo.Database,
) -> None:
    await kept(database["things"])
    listener = Causes()
    assert await outbox_of(database["things"], listener).sweep(AT_ONCE) == 1
    assert listener.causes == [CAUSE]
    told = await database["things"].find_one({}) or {}
    assert [set(each) for each in told["told"]] == [{"id", "at"}]


async def test_what_was_just_committed_is_told_because_of_its_cause(database: mongo.Database) -> None:
    listener = Causes()
    outbox = outbox_of(database["things"], listener, sweep_seconds=3600)
    async with running(outbox.run()):
        fact = await kept(database["things"])
        with CAUSE.resumed():
            outbox.offer([fact])
        outbox.offer([facts.completed()])
        await until(lambda: len(listener.causes) == 2)
    assert listener.causes == [CAUSE, NOTHING]


async def test_an_outbox_of_before_there_were_traces_is_told(database: mongo.Database) -> None:
    fact = facts.started()
    old = {"id": fact.id, "at": fact.at}
    await database["things"].insert_one({"facts": [fact.model_dump()], "outbox": [old]})
    senseless = {"id": fact.id, "at": fact.at, "traceparent": 5, "correlation_id": "x\n" * 9}
    await database["things"].insert_one({"facts": [fact.model_dump()], "outbox": [senseless]})
    listener = Causes()
    await outbox_of(database["things"], listener).sweep(AT_ONCE)
    assert set(listener.causes) == {NOTHING}


@asynccontextmanager
async def bus_of(place: Place, recorded: Telemetry, heard: list[Carried]) -> AsyncIterator[Bus]:
    """A bus that tells and hears."""
    bus = Bus(place.settings(ProcessSettings), telemetry=recorded)

    async def hear(_: Event) -> None:
        heard.append(carried())
        if len(heard) == 1:
            raise LookupError("the first time it fails")

    bus.hear("delivery", hear)
    async with running(bus.run()):
        await until(bus.connected)
        yield bus
        await bus.stop()


async def test_a_fact_is_heard_and_tried_again_within_the_trace_that_told_it(place: Place) -> None:
    recorded, heard = Recorded(), list[Carried]()
    async with bus_of(place, recorded, heard) as bus:
        with CAUSE.resumed():
            await bus.tell(facts.approved())
        await until(lambda: len(heard) == 2)
    told = recorded.named("publish payment.approved")
    processed = [each for each in recorded.spans if each.name == "process payment.approved"]
    assert (trace_id(told), parent_id(told)) == ("ab" * 16, "cd" * 8)
    assert [parent_id(each) for each in processed] == [f"{told.context.span_id:016x}"] * 2
    assert [each.status.is_ok for each in processed] == [False, True]
    assert {each.correlation_id for each in heard} == {CAUSE.correlation_id}
    assert [each.kind for each in (told, processed[0])] == [SpanKind.PRODUCER, SpanKind.CONSUMER]


async def test_the_correlation_goes_on_where_there_are_no_traces(place: Place) -> None:
    heard: list[Carried] = []
    async with bus_of(place, Telemetry(ProcessSettings(), "part"), heard) as bus:
        with Carried(None, "only-a-correlation").resumed():
            await bus.tell(facts.approved())
        await until(lambda: heard)
    assert heard[0] == Carried(None, "only-a-correlation")


async def test_a_command_is_a_span_without_what_was_asked(place: Place) -> None:
    recorded = Recorded()
    client = mongo.connect(place.settings(ProcessSettings), listeners(recorded))
    things = mongo.database(client, place.settings(ProcessSettings), "part")["things"]
    await things.insert_one({"_id": "customer-1"})
    with recorded.begun("asking", SpanKind.SERVER, NOTHING):
        await things.find_one({"_id": "customer-1"})
        with pytest.raises(mongo.OperationFailure):
            await things.find_one({"$customer-1": 1})
    mongo.close(client)
    well, badly, asking = recorded.spans
    assert (well.name, badly.name) == ("find things", "find things")
    assert parent_id(well) == parent_id(badly) == f"{asking.context.span_id:016x}"
    assert (well.status.is_ok, badly.status.is_ok) == (True, False)
    assert "customer-1" not in well.to_json() + badly.to_json()


async def test_a_push_is_a_span_of_what_was_carried_there_and_nobodys_present_one() -> None:
    recorded = Recorded()
    recorded.attend()
    with telemetry.continued("push", CAUSE):
        assert carried().traceparent is None
    assert parent_id(recorded.named("push")) == "cd" * 8
    with telemetry.continued("push", NOTHING), telemetry.continued("push", Carried("nonsense")):
        pass
    assert len(recorded.spans) == 1


async def test_a_collector_that_never_answers_holds_up_nobodys_end() -> None:
    with deaf() as url:
        sending = Telemetry(ProcessSettings(otlp_endpoint=url, trace_sample_rate=1), "part")
        sending.start()
        with sending.begun("something", SpanKind.SERVER, NOTHING):
            pass
        began = time.monotonic()
        await sending.stop()
        assert time.monotonic() - began < telemetry.FAREWELL_SECONDS + 1
