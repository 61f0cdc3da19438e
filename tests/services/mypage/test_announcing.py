"""New views are announced together, and each of them is."""

import asyncio
from collections.abc import Sequence

import pytest
from opentelemetry.trace import SpanKind

from schema.events import Event
from schema.projection import project
from schema.views import OrderView
from services.chassis.carried import NOTHING, carried
from services.chassis.patience import NotToldError
from services.mypage.announcing import Announcer
from tests import facts
from tests.services.chassis.recording import Recorded


def view_of(*told: Event) -> OrderView:
    view = project(told)
    assert view is not None
    return view


class Broker:
    """Keeps what was announced together, and because of what; it can be away."""

    def __init__(self) -> None:
        self.announced: list[Sequence[OrderView]] = []
        self.traced: list[bool] = []
        self.trouble: Exception | None = None

    async def __call__(self, views: Sequence[OrderView]) -> None:
        if self.trouble:
            raise self.trouble
        self.announced.append(views)
        self.traced.append(carried().traceparent is not None)


async def test_what_comes_in_one_turn_goes_in_one_message_of_each_order_the_last() -> None:
    broker = Broker()
    announcer = Announcer(broker)
    first, second = view_of(facts.placed("a")), view_of(facts.placed("b"))
    newer = view_of(facts.placed("a"), facts.approved("a"))
    await asyncio.gather(*map(announcer.announce, (newer, second, first)))
    await announcer.announce(second)
    assert broker.announced == [[newer, second], [second]]


async def test_whoever_brought_one_learns_that_none_was_announced() -> None:
    broker = Broker()
    broker.trouble = NotToldError("no broker")
    announcer = Announcer(broker)
    views = [view_of(facts.placed(f"order-{n}")) for n in range(2)]
    outcomes = await asyncio.gather(*map(announcer.announce, views), return_exceptions=True)
    assert outcomes == [broker.trouble] * 2
    broker.trouble = None
    await announcer.announce(views[0])
    assert broker.announced == [views[:1]]


async def test_who_stops_waiting_takes_no_view_back() -> None:
    broker = Broker()
    announcer = Announcer(broker)
    views = [view_of(facts.placed(f"order-{n}")) for n in range(2)]
    tasks = [asyncio.create_task(announcer.announce(view)) for view in views]
    await asyncio.sleep(0)
    tasks[0].cancel()
    await tasks[1]
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert broker.announced == [views]


async def test_what_is_traced_goes_by_itself_in_its_trace() -> None:
    broker, recorded = Broker(), Recorded()
    announcer = Announcer(broker)
    views = [view_of(facts.placed(f"order-{n}")) for n in range(3)]

    async def traced(view: OrderView) -> None:
        with recorded.begun("project", SpanKind.CONSUMER, NOTHING):
            await announcer.announce(view)

    await asyncio.gather(traced(views[0]), *map(announcer.announce, views[1:]))
    assert sorted(zip(broker.traced, broker.announced, strict=True), key=lambda each: each[0]) == [
        (False, views[1:]),
        (True, views[:1]),
    ]
