"""Measures all of them in one interleaved run."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
from motor.motor_asyncio import AsyncIOMotorClient

from compose.servers import running as servers_running
from tests.bench.side_by_side import peers
from tests.bench.side_by_side.data import keep_orders
from tests.bench.side_by_side.documents import DOCUMENTS
from tests.bench.side_by_side.load import Load, turns
from tests.ports import free_ports


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    names: list[str]
    rounds: int
    requests: int
    connections: int
    warm_up: int
    """Requests before anything is measured: compilers learn from them."""


@dataclass
class Figures:
    """What one of them took for one document: a figure for each round."""

    cpu_us: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    memory: int = 0
    """Bytes in memory after the last round."""

    @property
    def cpu(self) -> float:
        """Microseconds of CPU for a request, the rounds' median."""
        return statistics.median(self.cpu_us)

    @property
    def rate(self) -> float:
        """Requests a second, the rounds' median."""
        return statistics.median(self.per_second)


KEPT_OPEN_SECONDS: Final = 2.0
"""An idle connection; peers close theirs after 5 s, and who waits for its turn is idle for longer."""

Measured = dict[str, dict[str, Figures]]
"""By document, and by who it was."""


async def measure(size: Size, tell: Callable[[str], None]) -> Measured:
    """Run a database of its own and all of them, see that they answer the same, and take the figures."""
    if any(peers.COMMANDS[name][0] == "node" for name in size.names):
        await peers.install()
    cores = os.sched_getaffinity(0)
    theirs, ours = min(cores), max(cores)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = await stack.enter_async_context(servers_running(folder, free_ports()))
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url, tz_aware=True)
        stack.callback(client.close)
        tell("Orders are kept.")
        await keep_orders(client[peers.DATABASE]["orders"])
        os.sched_setaffinity(servers.pid("mongod"), {ours})
        there = {}
        for name in size.names:
            tell(f"{name} starts.")
            there[name] = await stack.enter_async_context(peers.running(name, servers, theirs))
        os.sched_setaffinity(0, {ours})
        stack.callback(os.sched_setaffinity, 0, cores)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_OPEN_SECONDS)
            )
        )
        return {
            title: await _compared(Load(session, text, size.connections), there, size, title, tell)
            for title, text in DOCUMENTS.items()
        }


async def _compared(
    load: Load, there: dict[str, peers.Peer], size: Size, title: str, tell: Callable[[str], None]
) -> dict[str, Figures]:
    answers = {}
    for name, peer in there.items():
        await load.on(peer, size.warm_up)
        if name != peers.FLOOR:
            answers[name] = await load.answer(peer)
    assert all(answer == next(iter(answers.values())) for answer in answers.values()), answers
    figures = {name: Figures() for name in there}
    for number, name in turns(list(there), size.rounds):
        tell(f"{title}, round {number + 1} of {size.rounds}: {name}")
        cpu, began = there[name].cpu, time.perf_counter()
        await load.on(there[name], size.requests)
        figures[name].per_second.append(size.requests / (time.perf_counter() - began))
        figures[name].cpu_us.append((there[name].cpu - cpu) / size.requests * 1e6)
        figures[name].memory = there[name].memory
    return figures
