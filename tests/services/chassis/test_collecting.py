"""Who is taken in with whom, and what becomes of those that wait."""

import asyncio
from collections.abc import Sequence

import pytest

from schema.events import Event
from services.chassis import collecting, correlation
from services.chassis.collecting import Collector
from services.mypage.projection import page_of
from services.mypage.together import Outcome, Taken
from tests import facts
from tests.waiting import until


class Slow:
    """Takes facts in when it is let to; `batches` are the orders of those that came together."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.let = asyncio.Event()
        self.trouble: BaseException | None = None

    async def __call__(self, told: Sequence[Event]) -> Sequence[Outcome]:
        self.batches.append([fact.order_id for fact in told])
        await self.let.wait()
        if self.trouble:
            raise self.trouble
        return await self.all_new(told)

    @staticmethod
    async def all_new(told: Sequence[Event]) -> Sequence[Outcome]:
        return [Taken(page_of(fact.order_id, [fact]), new=True) for fact in told]


def handed(collector: Collector[Event, Taken], *names: str) -> list[asyncio.Task[Outcome]]:
    return [asyncio.create_task(collector.take_in(facts.placed(name))) for name in names]


async def turn() -> None:
    """Let everybody go on who need not wait for time to pass."""
    for _ in range(9):
        await asyncio.sleep(0)


async def test_one_fact_does_not_wait_for_others() -> None:
    slow = Slow()
    [first] = handed(Collector(slow), "order-1")
    await turn()
    assert slow.batches == [["order-1"]]
    slow.let.set()
    await turn()
    assert first.done()


async def test_what_comes_while_others_are_kept_goes_together_next() -> None:
    slow = Slow()
    collector = Collector(slow, at_most=3)
    tasks = handed(collector, "a")
    await turn()
    tasks += handed(collector, *"bcde")
    await turn()
    assert slow.batches == [["a"]]
    slow.let.set()
    outcomes = await asyncio.gather(*tasks)
    assert slow.batches == [["a"], ["b", "c", "d"], ["e"]]
    assert [each.page.order_id for each in outcomes if isinstance(each, Taken)] == [*"abcde"]


async def test_after_a_pause_it_goes_on() -> None:
    slow = Slow()
    slow.let.set()
    collector = Collector(slow)
    for name in "ab":
        await collector.take_in(facts.placed(name))
    assert slow.batches == [["a"], ["b"]]


async def test_what_need_not_be_at_once_waits_for_company() -> None:
    slow, clock = Slow(), asyncio.get_running_loop().time
    slow.let.set()
    collector = Collector(slow, at_most=3, pace_seconds=0.2)
    began = clock()
    await collector.take_in(facts.placed("a"))
    tasks = handed(collector, *"bc")
    await turn()
    assert slow.batches == [["a"]]
    await asyncio.gather(*tasks)
    assert slow.batches == [["a"], ["b", "c"]]
    assert clock() - began >= 0.2


async def test_a_whole_batch_need_not_wait() -> None:
    slow = Slow()
    slow.let.set()
    collector = Collector(slow, at_most=2, pace_seconds=60)
    await collector.take_in(facts.placed("a"))
    await asyncio.gather(*handed(collector, *"bcde"))
    assert slow.batches == [["a"], ["b", "c"], ["d", "e"]]


async def test_one_alone_belongs_to_its_own_trace_and_many_to_none() -> None:
    seen: list[str | None] = []

    async def take_in_all(told: Sequence[Event]) -> Sequence[Outcome]:
        seen.append(correlation.current())
        return await Slow.all_new(told)

    async def hand(name: str) -> None:
        correlation.bind(f"operation-{name}")
        await collector.take_in(facts.placed(name))

    collector = Collector(take_in_all)
    await asyncio.create_task(hand("a"))
    await asyncio.gather(*(asyncio.create_task(hand(name)) for name in "bc"))
    assert seen == ["operation-a", None]


async def test_who_stops_waiting_takes_nobody_along() -> None:
    slow = Slow()
    gone, stays = handed(Collector(slow), "a", "b")
    await turn()
    gone.cancel()
    await turn()
    slow.let.set()
    assert isinstance(await stays, Taken)
    assert gone.cancelled()


async def test_whatever_goes_wrong_everybody_hears_of_it_and_it_goes_on() -> None:
    slow = Slow()
    slow.let.set()
    slow.trouble = ZeroDivisionError()
    collector = Collector(slow)
    outcomes = await asyncio.gather(*handed(collector, "a", "b"))
    assert outcomes == [slow.trouble, slow.trouble]
    slow.trouble = None
    assert isinstance(await collector.take_in(facts.placed("c")), Taken)


async def test_a_cancellation_from_below_reaches_those_it_is_about_and_it_goes_on() -> None:
    """Drivers cancel what waits for a connection that was lost: it is to be tried again."""
    slow = Slow()
    slow.trouble = asyncio.CancelledError()
    collector = Collector(slow)
    lost = handed(collector, "a")
    await turn()
    others = handed(collector, "b")
    await turn()
    slow.let.set()
    await until(lambda: len(slow.batches) == 2)
    slow.trouble = None
    await until(lambda: all(each.done() for each in (*lost, *others)))
    assert lost[0].cancelled()
    assert slow.batches == [["a"], ["b"]]


async def test_who_hangs_holds_nobody_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "LONGEST_SECONDS", 0.05)
    slow = Slow()
    collector = Collector(slow)
    assert isinstance(await collector.take_in(facts.placed("a")), TimeoutError)
    slow.let.set()
    assert isinstance(await collector.take_in(facts.placed("b")), Taken)
