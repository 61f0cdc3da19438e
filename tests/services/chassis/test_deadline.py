"""What came before the time was over counts, and nothing later does."""

import asyncio
import socket
import time

import pytest

from services.chassis.deadline import deadline


async def test_what_takes_longer_is_ended() -> None:
    began = time.perf_counter()
    with pytest.raises(TimeoutError):
        async with deadline(0.05):
            await asyncio.Event().wait()
    assert 0.05 <= time.perf_counter() - began < 5


async def test_what_is_done_in_time_goes_on_afterwards() -> None:
    async with deadline(0.05):
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)


async def test_what_came_in_time_counts_however_late_it_is_looked_at() -> None:
    here, there = socket.socketpair()
    loop = asyncio.get_running_loop()

    def answer_and_stand_still() -> None:
        there.send(b"x")
        time.sleep(0.3)

    with here, there:
        here.settimeout(0)
        loop.call_soon(answer_and_stand_still)
        async with deadline(0.2):
            assert await loop.sock_recv(here, 1) == b"x"


async def test_whoever_is_told_to_end_meanwhile_ends() -> None:
    async def wait() -> None:
        async with deadline(60):
            await asyncio.Event().wait()

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
