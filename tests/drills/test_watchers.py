"""Who watches is never shown the past, and sees the end, whatever is restarted meanwhile."""

import signal
from contextlib import AsyncExitStack

import pytest

from tests.drills import truth
from tests.drills.drill import CONVERGED_WITHIN_SECONDS
from tests.drills.load import Crowd
from tests.drills.system import System
from tests.drills.watching import Watcher, watchers
from tests.waiting import until


@pytest.mark.parametrize("killed", [("rabbitmq",), ("bff",), ("rabbitmq", "bff")], ids="+".join)
async def test_a_watcher_sees_the_end_at_most_five_seconds_after_all_is_well_again(
    system: System, killed: tuple[str, ...], seed: int
) -> None:
    crowd = Crowd(system, f"watched-{'-'.join(killed)}", seed, size=1, pause=0)
    async with AsyncExitStack() as opened:
        await crowd.sign_in(opened)
        (watcher,) = await opened.enter_async_context(watchers(crowd.callers))
        before = await crowd.orders_and_cancels()
        await until(lambda: before in watcher.latest)
        for name in killed:
            assert system.signal(name, signal.SIGKILL)
        during = await crowd.orders_and_cancels()
        await system.is_whole()
        await until(lambda: _is_up_to_date(system, watcher, crowd), timeout=CONVERGED_WITHIN_SECONDS)
    assert {watcher.latest[order_id]["status"] for order_id in (before, during)} == {"CANCELED"}
    assert not watcher.backwards


async def _is_up_to_date(system: System, watcher: Watcher, crowd: Crowd) -> bool:
    """Whether every story is over, and was shown to its end."""
    known = await truth.truths(system, crowd.customers)
    return all(each.view.settled for each in known.values()) and not watcher.behind(known.values())
