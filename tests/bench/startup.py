"""How soon each process is ready, and what it holds in memory: at rest, and after some load.

    .venv/bin/python -m tests.bench.startup --help

Starts the processes one by one, in turns, with a mongod and a RabbitMQ of its own, and then the whole system
under a bounded load; prints a table. Seconds are as the clock goes; CPU seconds are steadier where others
work beside. Exit status 1 where something is over its bound.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table

from compose.program import Program
from compose.servers import running as running_servers
from compose.topology import MODULES, Topology
from tests.bench.answers import SETTINGS_AS_THEY_COME
from tests.bench.footprint.shopping import at_rate, shoppers
from tests.bench.soak.memory import MIB
from tests.bench.soak.report import RSS_AT_MOST
from tests.bench.tracing import PATIENT
from tests.ports import free_ports
from tests.stories.stack import running
from tests.trust import SECRETS
from tests.waiting import until

SECONDS_AT_MOST = 1.5
LOOKED_EVERY_SECONDS = 0.01
CUSTOMERS = 100


@dataclass(slots=True)
class Starts:
    """What was measured of one process."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    ready_mib: list[float] = field(default_factory=list)
    loaded_mib: float = 0.0


async def start(program: Program, starts: Starts) -> None:
    """Start it once, wait until it is ready, and end it."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *program.command,
        env=dict(program.environment) | {"LOG_LEVEL": "error"},
        cwd=program.directory,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await until(program.ready, timeout=60, every=LOOKED_EVERY_SECONDS)
        starts.seconds.append(time.monotonic() - began)
        seen = psutil.Process(process.pid)
        times = seen.cpu_times()
        starts.cpu.append(times.user + times.system)
        starts.ready_mib.append(seen.memory_info().rss / MIB)
    finally:
        process.terminate()
        await process.wait()


async def starting(folder: Path, found: dict[str, Starts], rounds: int) -> None:
    """Start each so often, in turns."""
    async with running_servers(folder, free_ports()) as servers:
        urls = {"MONGO_URL": servers.mongo_url, "RABBITMQ_URL": servers.rabbitmq_url}
        topology = Topology(folder, free_ports(), urls)
        programs = topology.programs(SECRETS)
        for program in programs:
            await start(program, Starts())  # makes its indexes and queues, and its modules' bytecode
        for _ in track(range(rounds), "starting", transient=True):
            for program in programs:
                await start(program, found[program.name])


async def loading(folder: Path, found: dict[str, Starts], per_second: float, seconds: float) -> None:
    """Have orders placed, and see what each holds afterwards."""
    async with (
        running(folder / "stack", SETTINGS_AS_THEY_COME | PATIENT) as stack,
        shoppers(stack.http, stack.delivery, CUSTOMERS) as crowd,
    ):
        await at_rate(crowd, per_second, seconds)
        for name, starts in found.items():
            starts.loaded_mib = psutil.Process(stack.pid(name)).memory_info().rss / MIB


def table(found: dict[str, Starts]) -> tuple[Table, bool]:
    """All of it; and whether everything is within its bounds."""
    shown = Table("process", title="From start to ready, and memory")
    heads = ("s to ready", "CPU s", f"≤ {SECONDS_AT_MOST} s", "MiB ready", "MiB loaded", "at most", "within")
    for head in heads:
        shown.add_column(head, justify="right")
    good = True
    for name, each in found.items():
        seconds, most = median(each.seconds), RSS_AT_MOST[name]
        soon, small = seconds <= SECONDS_AT_MOST, each.loaded_mib <= most
        good = good and soon and small
        memory = (median(each.ready_mib), each.loaded_mib, most)
        said = ("yes" if soon else "NO", *(f"{value:.1f}" for value in memory), "yes" if small else "NO")
        shown.add_row(name, f"{seconds:.2f}", f"{median(each.cpu):.2f}", *said)
    return shown, good


async def measure(rounds: int, per_second: float, seconds: float) -> bool:
    """Measure and print; whether everything is within its bounds."""
    found = {name: Starts() for name in MODULES}
    with tempfile.TemporaryDirectory() as folder:
        await starting(Path(folder) / "servers", found, rounds)
        await loading(Path(folder), found, per_second, seconds)
    shown, good = table(found)
    Console(width=130).print(shown)
    return good


def main() -> None:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.startup",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=5, help="starts of each process, at most 50 (5)")
    parser.add_argument("--per-second", type=float, default=20, help="orders, at most 100 (20)")
    parser.add_argument("--seconds", type=float, default=20, help="of load, at most 300 (20)")
    said = parser.parse_args()
    rounds = max(1, min(said.rounds, 50))
    load = (max(0.1, min(said.per_second, 100)), max(1.0, min(said.seconds, 300)))
    sys.exit(0 if asyncio.run(measure(rounds, *load)) else 1)


if __name__ == "__main__":
    main()
