import asyncio

import pytest

from services.chassis.background import forever, running
from tests.waiting import until


async def test_work_outlives_its_failures(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    async def work() -> None:
        done.append(1)
        if len(done) == 1:
            raise ZeroDivisionError

    async with running(forever("divide", work, seconds=0)):
        await until(lambda: len(done) > 2)
    assert "background work failed" in caplog.text


async def test_work_outlives_a_cancellation_that_nobody_asked_it_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As where a driver cancels its own futures because their connection is gone."""
    done: list[int] = []

    async def work() -> None:
        done.append(1)
        if len(done) == 1:
            lost = asyncio.get_running_loop().create_future()
            lost.cancel()
            await lost

    async with running(forever("divide", work, seconds=0)):
        await until(lambda: len(done) > 2)
    assert caplog.text.count("background work failed") == 1


async def test_work_that_hangs_is_begun_again(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    async def work() -> None:
        done.append(1)
        if len(done) == 1:
            await asyncio.Event().wait()

    async with running(forever("divide", work, seconds=0, at_most=0.01)):
        await until(lambda: len(done) > 2)
    assert caplog.text.count("background work failed") == 1


async def test_work_ends_with_what_it_goes_on_beside() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with running(work()):
        await asyncio.sleep(0)
    assert ended.is_set()
