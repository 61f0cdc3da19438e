import asyncio

import pytest

from bff.bulkhead import Bulkhead, BulkheadFull


async def hold(bulkhead: Bulkhead, until: asyncio.Event) -> None:
    with bulkhead:
        await until.wait()


async def test_one_call_more_than_the_bulkhead_holds_is_refused_at_once() -> None:
    bulkhead, done = Bulkhead(3), asyncio.Event()
    async with asyncio.TaskGroup() as calls:
        for _ in range(3):
            calls.create_task(hold(bulkhead, done))
        await asyncio.sleep(0)
        assert bulkhead.in_flight == 3
        with pytest.raises(BulkheadFull, match="all 3 places are taken"), bulkhead:
            pytest.fail("the fourth call was made")
        assert bulkhead.in_flight == 3
        done.set()
    assert bulkhead.in_flight == 0


@pytest.mark.parametrize("end", [TimeoutError, asyncio.CancelledError])
def test_a_place_is_free_again_however_its_call_ended(end: type[BaseException]) -> None:
    bulkhead = Bulkhead(1)
    with pytest.raises(end), bulkhead:
        raise end
    with bulkhead:
        assert bulkhead.in_flight == 1


@pytest.mark.parametrize("capacity", [0, -1])
def test_a_bulkhead_without_places_is_a_mistake(capacity: int) -> None:
    with pytest.raises(ValueError, match="capacity must be at least 1 call"):
        Bulkhead(capacity)


def test_what_fails_makes_it_narrower_and_what_succeeds_wider_again() -> None:
    bulkhead = Bulkhead(100)
    for _ in range(10):
        bulkhead.failed()
    assert bulkhead.capacity == 73
    for _ in range(1000):
        bulkhead.failed()
    assert bulkhead.capacity == 8
    for _ in range(20):
        bulkhead.succeeded()
    assert bulkhead.capacity == 28
    for _ in range(100):
        bulkhead.succeeded()
    assert bulkhead.capacity == 100


def test_a_narrow_one_is_never_wider_than_it_was_made() -> None:
    bulkhead = Bulkhead(3)
    bulkhead.failed()
    bulkhead.succeeded()
    assert bulkhead.capacity == 3


def test_where_one_call_of_five_fails_all_places_stay() -> None:
    bulkhead = Bulkhead(100)
    for number in range(10_000):
        (bulkhead.failed if number % 5 == 0 else bulkhead.succeeded)()
    assert bulkhead.capacity >= 95
