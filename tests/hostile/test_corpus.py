"""The whole corpus against a real gateway: all is refused properly, nothing leaks, nothing is left behind."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.hostile.attacking import attack
from tests.hostile.attacks import Attack, Scene, SocketAttack
from tests.hostile.corpus import GROUPS
from tests.hostile.leaks import leaked_to_log
from tests.hostile.target import Target

AT_ONCE = 8


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


async def test_nothing_of_it_is_in_the_log(target: Target) -> None:
    assert leaked_to_log(target.log.read_text()) == []
