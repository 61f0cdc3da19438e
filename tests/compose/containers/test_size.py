"""How little it takes while nobody asks, and how soon it is there."""

import re

from tests.compose.containers.engine import docker
from tests.compose.containers.stack import Stack

IDLE_AT_MOST_MIB = 2048
UP_WITHIN_SECONDS = 120
"""Twice what it may be on a machine that does nothing else."""

MIB = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}


async def test_the_whole_of_it_needs_less_than_two_gibibytes(stack: Stack) -> None:
    running = (await stack.compose("ps", "--quiet")).split()
    said = await docker("stats", "--no-stream", "--format", "{{.MemUsage}}", *running)
    used = sum(
        float(amount) * MIB[unit] for amount, unit in re.findall(r"^([\d.]+)(\w+) /", said, re.MULTILINE)
    )
    print(f"{len(running)} containers: {used:.0f} MiB")  # noqa: T201 # a figure to be read
    assert len(running) >= 12
    assert 0 < used < IDLE_AT_MOST_MIB


async def test_it_is_up_soon(stack: Stack) -> None:
    print(f"up after {stack.took:.0f} s")  # noqa: T201 # a figure to be read
    assert 0 < stack.took < UP_WITHIN_SECONDS
