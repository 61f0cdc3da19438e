import asyncio
import contextlib

import pytest

from services.chassis import background
from services.chassis.background import closed, forever, running, within
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


async def test_work_ends_though_a_driver_has_swallowed_the_request() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    task = asyncio.create_task(forever("swallow", work, seconds=0))
    await begun.wait()
    task.cancel()
    await until(task.done)
    assert task.cancelled()


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


async def _deaf_to(cancellations: int, ended: asyncio.Event) -> None:
    """As where a driver swallows them."""
    for _ in range(cancellations):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    ended.set()


async def test_work_that_swallows_a_cancellation_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "TOLD_TO_END_EVERY_SECONDS", 0.01)
    ended = asyncio.Event()
    async with running(_deaf_to(3, ended)):
        await asyncio.sleep(0)
    assert ended.is_set()


async def test_work_that_never_ends_is_left_behind_and_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "TOLD_TO_END_EVERY_SECONDS", 0.01)
    ended = asyncio.Event()
    work = _deaf_to(7, ended)
    async with running(work):
        await asyncio.sleep(0)
    assert "left behind" in caplog.text
    assert not ended.is_set()
    left = next(task for task in asyncio.all_tasks() if task.get_coro() is work)
    while not left.done():
        left.cancel()
        await asyncio.sleep(0)


async def test_what_ends_in_time_has_ended_and_its_failure_is_known() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        ended.set()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await within(5, "divide", work)
    assert ended.is_set()


async def test_what_does_not_end_in_time_holds_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        await asyncio.Event().wait()

    await within(0.01, "wait for ever", work)
    assert "given up" in caplog.text


async def test_what_cannot_be_closed_keeps_nothing_else_open(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "CLOSE_SECONDS", 0.01)
    ended = asyncio.Event()

    async def fails() -> None:
        raise ZeroDivisionError

    async def hangs() -> None:
        await asyncio.Event().wait()

    async def ends() -> None:
        ended.set()

    await closed(fails, hangs, ends)
    assert ended.is_set()
    assert "not closed" in caplog.text
    assert "given up" in caplog.text
