"""Subscriptions opened and dropped by the thousand: what is left of them in the gateway.

    .venv/bin/python -m tests.bench.subscriptions --help

Runs a gateway, a mongod and a RabbitMQ of its own, on loopback, and prints what the gateway's process
holds before and after: memory, tasks, generators.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
from rich.console import Console
from rich.progress import Progress

from bff import app
from bff.edge.websocket import websockets_over
from bff.settings import BffSettings
from compose.servers import Servers
from compose.servers import running as running_servers
from services.chassis.serve import serve, settings_or_exit
from tests import trust
from tests.bff.alive import generators, tasks
from tests.bff.asking import SECRET
from tests.bff.dropping import drop
from tests.ports import free_base, free_ports
from tests.waiting import until

RATIO_AT_MOST = 1.05
WARM_UP = 2000
PORTION = 100


class Held(NamedTuple):
    """What a process holds."""

    megabytes: float
    tasks: int
    generators: int


async def measure(count: int) -> bool:
    """Open and drop so many, print; whether next to nothing is left."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            running_servers(Path(folder), free_ports()) as servers,
            gateway(servers) as (process, address),
        ):
            await dropped(address, WARM_UP, "warming up")
            before = await held(process)
            await dropped(address, count, "opening and dropping")
            after = await held(process)
    ratio = after.megabytes / before.megabytes
    Console().print(
        f"{count} subscriptions opened and dropped: memory {before.megabytes:.1f} → {after.megabytes:.1f} MB"
        f" ({ratio:.3f}, at most {RATIO_AT_MOST}), tasks {before.tasks} → {after.tasks},"
        f" generators {before.generators} → {after.generators}"
    )
    return ratio <= RATIO_AT_MOST and after.tasks <= before.tasks and after.generators <= before.generators


async def dropped(address: str, count: int, what: str) -> None:
    """Open and drop so many."""
    with Progress(transient=True) as progress:
        bar = progress.add_task(what, total=count)
        for start in range(0, count, PORTION):
            numbers = range(start, min(start + PORTION, count))
            await drop(address, numbers)
            progress.advance(bar, len(numbers))


async def held(process: asyncio.subprocess.Process) -> Held:
    """What the gateway holds once nothing is under way any more."""
    last: list[Held] = []

    async def is_at_rest() -> bool:
        last.append(await _asked(process))
        return len(last) > 1 and last[-1][1:] == last[-2][1:]

    await until(is_at_rest, timeout=60, every=6)
    return last[-1]


async def _asked(process: asyncio.subprocess.Process) -> Held:
    assert process.stdout is not None
    process.send_signal(signal.SIGUSR1)
    counted = [int(word) for word in (await process.stdout.readline()).split()]
    return Held(psutil.Process(process.pid).memory_info().rss / 2**20, *counted)


@asynccontextmanager
async def gateway(servers: Servers) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The gateway as a process of its own, which says what it holds when it is sent SIGUSR1."""
    port = free_base()
    told = {"MONGO_URL": servers.mongo_url, "RABBITMQ_URL": servers.rabbitmq_url, "PORT": str(port)}
    quiet = {"LOG_LEVEL": "error", "BFF_RATES": "false"}
    ours = {"AUTH_JWT_SECRET": SECRET, **quiet, **trust.ENVIRONMENT, **told}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.subscriptions", "--serve"),
        env={**os.environ, **ours},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await until(lambda: _is_open(port), timeout=60)
        yield process, f"127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _is_open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.close()
    return True


def serve_and_tell() -> None:
    """Be the gateway."""
    settings = settings_or_exit(BffSettings)

    def tell(*_: object) -> None:
        sys.stdout.write(f"{tasks()} {generators()}\n")
        sys.stdout.flush()

    signal.signal(signal.SIGUSR1, tell)
    serve(app.build(settings), settings, "bff", app.wire(settings), websockets_over)


def main() -> None:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=10_000, help="how many subscriptions (default: 10000)")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve_and_tell()
    else:
        sys.exit(0 if asyncio.run(measure(options.count)) else 1)


if __name__ == "__main__":
    main()
