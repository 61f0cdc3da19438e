"""The whole corpus against a real gateway: all is refused properly, nothing leaks, nothing is left behind."""

import asyncio
import random
import time
from collections.abc import Sequence

import pytest

from tests.hostile.attacking import attack
from tests.hostile.attacks import Attack, Scene, SocketAttack, request
from tests.hostile.corpus import CORPUS, GROUPS
from tests.hostile.leaks import leaked_to_log
from tests.hostile.looking import ORDINARY, Look, look
from tests.hostile.target import Target
from tests.hostile.wire import Reply, exchange
from tests.waiting import until

AT_ONCE = 8
SLOW = 24
BODY_SECONDS = 3
"""How long a body may take at this gateway: see `target.OPEN`."""


async def attacks(scene: Scene, those: Sequence[Attack | SocketAttack]) -> list[str]:
    """Make them, some at once; what is not acceptable about the answers."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(each: Attack | SocketAttack) -> list[str]:
        async with gate:
            return await attack(each, scene)

    return [complaint for found in await asyncio.gather(*map(one, those)) for complaint in found]


@pytest.mark.parametrize("group", GROUPS)
async def test_no_hostile_request_gets_anything_but_a_proper_answer(scene: Scene, group: str) -> None:
    complaints = await attacks(scene, GROUPS[group])
    assert not complaints, "\n".join([f"{len(complaints)} of {len(GROUPS[group])}:", *complaints])


async def test_whoever_says_a_byte_a_second_waits_alone(target: Target, scene: Scene) -> None:
    """Nobody else waits for them, and they are told that it took too long."""
    whole = scene.filled(request(b'{"query": "{ __typename }"}' + b" " * 99))
    head = whole.index(b"\r\n\r\n") + 4
    pieces = [whole[:head], *(bytes([byte]) for byte in whole[head:])]
    slow = [asyncio.create_task(exchange(target.port, pieces, pause=1)) for _ in range(SLOW)]
    began = time.monotonic()
    for _ in range(20):
        await target.as_customer("customer-1", ORDINARY)
    assert time.monotonic() - began < BODY_SECONDS, "it was kept waiting"
    answers: list[list[Reply]] = await asyncio.wait_for(asyncio.gather(*slow), BODY_SECONDS + 10)
    assert {reply.status for (reply,) in answers} == {408}


async def test_all_of_it_over_again_leaves_nothing_behind(target: Target, scene: Scene, before: Look) -> None:
    once = await look(target)
    everything = random.Random(1).sample(CORPUS, len(CORPUS))  # noqa: S311
    await attacks(scene, everything)

    async def as_before() -> bool:
        return not (await look(target)).more_than(before)

    try:
        await until(as_before, timeout=30, every=0.5)
    except AssertionError:
        pytest.fail(f"left behind: {(await look(target)).more_than(before)}")
    assert (await look(target)).rss < once.rss * 1.1 + 2**23, f"{once.rss / 2**20:.0f} MiB before"


async def test_nothing_of_it_is_in_the_log(target: Target) -> None:
    assert leaked_to_log(target.log.read_text()) == []
