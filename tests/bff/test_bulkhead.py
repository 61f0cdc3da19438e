import asyncio

import pytest

from bff.breaker import RollingBreaker
from bff.bulkhead import Bulkhead, BulkheadFull


async def hold(bulkhead: Bulkhead, until: asyncio.Event) -> None:
    async with bulkhead:
        await until.wait()


async def test_one_call_more_than_the_bulkhead_holds_is_refused_at_once() -> None:
    bulkhead, done = Bulkhead(3), asyncio.Event()
    async with asyncio.TaskGroup() as calls:
        for _ in range(3):
            calls.create_task(hold(bulkhead, done))
        await asyncio.sleep(0)
        assert bulkhead.in_flight == 3
        with pytest.raises(BulkheadFull, match="all 3 places are taken"):
            async with bulkhead:
                pytest.fail("the fourth call was made")
        assert bulkhead.in_flight == 3
        done.set()
    assert bulkhead.in_flight == 0


@pytest.mark.parametrize("end", [TimeoutError, asyncio.CancelledError])
async def test_a_place_is_free_again_however_its_call_ended(end: type[BaseException]) -> None:
    bulkhead = Bulkhead(1)
    with pytest.raises(end):
        async with bulkhead:
            raise end
    async with bulkhead:
        assert bulkhead.in_flight == 1


@pytest.mark.parametrize("capacity", [0, -1])
def test_a_bulkhead_without_places_is_a_mistake(capacity: int) -> None:
    with pytest.raises(ValueError, match="capacity must be at least 1 call"):
        Bulkhead(capacity)


async def test_a_full_bulkhead_is_no_failure_of_the_other_side() -> None:
    bulkhead = Bulkhead(1)
    breaker = RollingBreaker("payment", failures=(TimeoutError, OSError), minimum_volume=1)
    async with bulkhead:
        with pytest.raises(BulkheadFull):
            async with breaker.permit(), bulkhead:
                pytest.fail("the call was made")
    assert breaker.state == "closed"
    assert breaker.snapshot()["calls"] == 0
