import asyncio

import pytest

from services.chassis.waiting import LeanEvent, LeanQueue


async def test_whoever_waits_for_an_event_goes_on_with_all_others() -> None:
    event = LeanEvent()
    assert await event.wait()
    event.clear()
    waiting = [asyncio.create_task(event.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    assert not any(each.done() for each in waiting)
    event.set()
    assert await asyncio.gather(*waiting[1:]) == [True, True]
    assert event.is_set()
    with pytest.raises(asyncio.CancelledError):
        await waiting[0]


async def test_what_comes_is_given_in_its_order() -> None:
    queue = LeanQueue[int]()
    reading = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait(1)
    queue.put_nowait(2)
    assert (await reading, await queue.get(), queue.empty()) == (1, 2, True)


async def test_whoever_gives_up_takes_nothing_along() -> None:
    queue = LeanQueue[int]()
    reading = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait(1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await queue.get() == 1
