"""What poison costs those behind it: 1,000 facts alone, and with 100 messages among them that make no sense.

    .venv/bin/python -m tests.bench.poison --help

Runs the real mypage service, a mongod and a RabbitMQ of its own, on loopback; clean and poisoned rounds take
turns. A fact's time is from its publishing to its being in MyPage.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import aio_pika
from rich.console import Console
from rich.progress import track
from rich.table import Table

from compose.servers import running as running_servers
from schema import channels
from schema.feed import FeedPage, PageEntry
from services.chassis.clock import now
from tests import facts, parts
from tests.parts import Parts
from tests.ports import free_ports
from tests.services.chassis.hearing import looking, waiting_in
from tests.waiting import until

GOOD, BAD = 1000, 100
PER_SECOND = 200
MORE_AT_MOST_MS = 1000.0


async def measure(rounds: int) -> bool:
    """Send, print the figures; whether poison delayed nobody by more than it may."""
    times: dict[str, list[float]] = {"clean": [], "poisoned": []}
    with tempfile.TemporaryDirectory() as folder:
        async with (
            running_servers(Path(folder), free_ports()) as servers,
            parts.running(servers.mongo_url, servers.rabbitmq_url, "bench", subprocess.DEVNULL) as system,
            looking(servers.rabbitmq_url) as channel,
        ):
            for number in track(range(2 * rounds), "sending", transient=True):
                kind = "poisoned" if number % 2 else "clean"
                times[kind] += await sent(system, channel, f"round-{number}", poisoned=kind == "poisoned")
            letters = await waiting_in(channel, channels.dead_letter_queue_name("mypage"))
    _print(times, letters)
    late = max(times["poisoned"]) - max(times["clean"])
    whole = all(len(each) == GOOD * rounds for each in times.values())
    return whole and letters == BAD * rounds and late <= MORE_AT_MOST_MS


async def sent(
    system: Parts, channel: aio_pika.abc.AbstractChannel, name: str, *, poisoned: bool
) -> list[float]:
    """Send a round at its pace; how long each fact took, in milliseconds."""
    queue = channels.queue_name("mypage")
    every = GOOD // BAD
    for number in range(GOOD):
        fact = facts.placed(f"{name}-{number:04}", at=now())
        bodies = [fact.model_dump_json().encode(), b'{"type":']
        for body in bodies if poisoned and not number % every else bodies[:1]:
            await channel.default_exchange.publish(aio_pika.Message(body), queue)
        await asyncio.sleep(1 / PER_SECOND)
    taken: list[float] = await until(lambda: _all_taken(system, name), timeout=60, every=0.5)
    return taken


async def _all_taken(system: Parts, name: str) -> list[float]:
    times = [each async for each in _taken(system, name)]
    return times if len(times) == GOOD else []


async def _taken(system: Parts, name: str) -> AsyncIterator[float]:
    after: str | None = name
    while after is not None:
        async with system.session.get(f"{system.urls['mypage']}/feed", params={"after": after}) as response:
            page = FeedPage[PageEntry].model_validate_json(await response.read())
        for entry in page.entries:
            if entry.order_id.startswith(f"{name}-"):
                yield (entry.taken_in[0].at - entry.facts[0].at).total_seconds() * 1000
        after = page.next


def _print(times: dict[str, list[float]], letters: int) -> None:
    table = Table("round", "facts in MyPage", "p50 ms", "p99 ms", "longest ms")
    for kind, each in times.items():
        ordered = sorted(each)
        figures = (ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)], ordered[-1])
        table.add_row(kind, str(len(ordered)), *(f"{figure:.0f}" for figure in figures))
    Console().print(table, f"dead letters: {letters}")


def main() -> None:
    """Read the command line; exit status 1 where poison cost too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="of each kind (3)")
    sys.exit(0 if asyncio.run(measure(parser.parse_args().rounds)) else 1)


if __name__ == "__main__":
    main()
