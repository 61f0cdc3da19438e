"""A replica that is sick, or goes: it is replaced, and who asks the edge does not notice."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.compose.containers.engine import docker
from tests.compose.containers.looking import inspected, process
from tests.compose.containers.stack import Stack
from tests.compose.containers.traffic import traffic
from tests.waiting import until

ELSEWHERE = "https://shop.example.com"

BLOCKS = """
import signal
import time


def blocks_the_loop(*_):
    time.sleep(3600)


signal.signal(signal.SIGUSR1, blocks_the_loop)
"""
"""What Python runs as it starts: a signal's handler runs where the event loop would."""


@pytest.fixture
def blocks(tmp_path: Path) -> Path:
    """A folder that a container may read."""
    tmp_path.chmod(0o755)
    (tmp_path / "sitecustomize.py").write_text(BLOCKS)
    return tmp_path


@pytest.fixture
async def blockable(stack: Stack, blocks: Path) -> AsyncIterator[str]:
    """One more container of mypage, whose event loop stands still from SIGUSR1 on."""
    told = ("--env", "PYTHONPATH=/blocks:/app", "--env", "WATCHDOG_SECONDS=3")
    run = ("run", "--detach", "--no-deps", "--volume", f"{blocks}:/blocks:ro", *told, "mypage")
    container = (await stack.compose(*run)).splitlines()[-1]
    try:
        await docker("update", "--restart", "unless-stopped", container)
        await until(lambda: stack.is_well(container), timeout=60, every=0.5)
        yield container
    finally:
        await docker("rm", "--force", container)


async def test_a_blocked_event_loop_is_found_and_its_container_replaced(stack: Stack, blockable: str) -> None:
    await stack.kill(blockable, signal.SIGUSR1)

    async def was_replaced() -> bool:
        return bool((await inspected(blockable))["RestartCount"])

    await until(was_replaced, timeout=30, every=0.5)
    await until(lambda: stack.is_well(blockable), timeout=60, every=0.5)
    said = await docker("logs", blockable, both=True)
    assert "Timeout (0:00:03)!" in said
    assert "in blocks_the_loop" in said, "it says where it stood"


async def test_the_edge_hides_a_replica_that_is_stopped(stack: Stack) -> None:
    leaving = (await stack.containers("bff"))[0]
    async with traffic(stack) as seen:
        await seen.goes_on()
        await docker("stop", "--time", "30", leaving)
        await seen.goes_on()
        await docker("start", leaving)
        await until(lambda: stack.is_well(leaving), timeout=60, every=0.2)
        await seen.goes_on()
    assert seen.failures == []
    assert not seen.redirects, "nothing was under way any more at the one that went"


async def test_the_edge_hides_a_replica_that_dies_again_and_again(stack: Stack) -> None:
    dying = (await stack.containers("bff"))[0]
    async with traffic(stack, ordering=False) as seen:
        for _ in range(2):
            await seen.goes_on()
            await stack.kill(dying)
            await until(lambda: process(dying), timeout=30)
        await until(lambda: stack.is_well(dying), timeout=60, every=0.2)
        await seen.goes_on()
    assert seen.failures == []
    assert len(seen.redirects) <= 2 * seen.customers


@pytest.mark.parametrize("size", [70_000, 128_000, 131_000, 1_000_000])
async def test_what_is_too_large_is_refused_and_nobody_sent_to_ask_again(stack: Stack, size: int) -> None:
    json = {"content-type": "application/json"}
    async with (
        aiohttp.ClientSession(stack.url, headers=json) as session,
        session.post("/graphql", data=b" " * size, allow_redirects=False) as response,
    ):
        assert response.status == 413
        assert (await response.json())["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_with_no_gateway_left_who_asks_is_sent_to_ask_again_and_then_told(stack: Stack) -> None:
    gateways = await stack.containers("bff")
    await docker("kill", *gateways)
    try:
        async with aiohttp.ClientSession(stack.url, headers={"origin": ELSEWHERE}) as session:
            where, sent_to = "/graphql", []
            async with asyncio.timeout(60):
                while where:
                    async with session.post(where, data="{}", allow_redirects=False) as response:
                        assert response.headers["cache-control"] == "no-store"
                        assert response.headers["access-control-allow-origin"] == ELSEWHERE
                        status, where = response.status, response.headers.get("location", "")
                        sent_to.append((status, where.partition("=")[0]))
            assert sent_to == [(307, "/graphql?again"), (307, "/graphql?again"), (502, "")]
    finally:
        await docker("start", *gateways)
        await until(stack.are_well, timeout=60, every=0.5)
