"""What runs on a leash of this process is what was asked for, and lets others go first as far as it is to."""

import asyncio
import os

import pytest

from compose.child import leashed


@pytest.mark.parametrize("niceness", [0, 3])
async def test_a_command_on_a_leash_runs_and_is_as_nice_as_it_is_to_be(niceness: int) -> None:
    process = await asyncio.create_subprocess_exec(
        *leashed("nice", niceness=niceness), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert int(said) == min(os.nice(0) + niceness, 19)
    assert process.returncode == 0
