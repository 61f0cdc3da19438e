"""Who is measured: processes that answer the same, each on the same core."""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import aiohttp
import psutil

from compose.servers import Servers
from tests.bff.asking import SECRET, bearer
from tests.ports import free_base
from tests.trust import ENVIRONMENT
from tests.waiting import until

HERE: Final = Path(__file__).parent
NODE: Final = HERE / "node"
ROOT: Final = HERE.parents[2]
SDL: Final = ROOT / "schema" / "exported" / "schema.graphql"
PREFIX: Final = "bench"
DATABASE: Final = f"{PREFIX}_mypage"

UVICORN: Final = (
    *("-m", "uvicorn", "--loop", "uvloop", "--http", "httptools"),
    *("--log-level", "error", "--no-access-log"),
)
GATEWAY, FLOOR = "fruitstore", "floor"
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    GATEWAY: (sys.executable, "-m", "bff.app"),
    FLOOR: (sys.executable, *UVICORN, "tests.bench.side_by_side.floor:app"),
    "strawberry": (sys.executable, *UVICORN, "tests.bench.side_by_side.stock:app"),
    "mercurius": ("node", str(NODE / "mercurius.mjs")),
    "apollo": ("node", str(NODE / "apollo.mjs")),
    "yoga": ("node", str(NODE / "yoga.mjs")),
}
GRAPHQL_WS = "graphql-ws"
WATCHED: Final[Mapping[str, tuple[str, ...]]] = {
    GATEWAY: COMMANDS[GATEWAY],
    GRAPHQL_WS: ("node", str(NODE / "graphql-ws.mjs")),
}
"""Those whose subscriptions are compared."""

STARTS_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class Peer:
    """One that runs."""

    name: str
    process: asyncio.subprocess.Process
    url: str

    @property
    def cpu(self) -> float:
        """Seconds of CPU that it has taken so far, to the nanosecond, with threads that have ended.

        Source: clock_getcpuclockid(3); psutil and /proc count in ticks of 10 ms.
        """
        return time.clock_gettime(~self.process.pid << 3 | 2)

    @property
    def memory(self) -> int:
        """Bytes that it has in memory now."""
        return int(psutil.Process(self.process.pid).memory_info().rss)


async def install() -> None:
    """What the peers on Node need, where it is not there yet. Raises RuntimeError."""
    wanted, installed = (NODE / "package-lock.json").read_bytes(), NODE / "node_modules" / ".installed"
    if installed.exists() and installed.read_bytes() == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm is not there: install Node 20, or leave its peers out (--only).")
    process = await asyncio.create_subprocess_exec(npm, "ci", "--no-audit", "--no-fund", cwd=NODE)
    if await process.wait():
        raise RuntimeError("npm ci did not work.")
    installed.write_bytes(wanted)


@asynccontextmanager
async def running(
    name: str, servers: Servers, core: int, more: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Peer]:
    """One of them, on that core of the machine, told more where that is needed."""
    port = free_base()
    told = {
        "MONGO_URL": servers.mongo_url,
        "MONGO_DATABASE_PREFIX": PREFIX,
        "RABBITMQ_URL": servers.rabbitmq_url,
        "AUTH_JWT_SECRET": SECRET,
        "BFF_RATES": "false",
        "LOG_LEVEL": "error",
        "DATABASE": DATABASE,
        "SECRET": SECRET,
        "SDL": str(SDL),
        "PORT": str(port),
        "UVICORN_PORT": str(port),
        "NODE_ENV": "production",
    }
    process = await asyncio.create_subprocess_exec(
        *{**COMMANDS, **WATCHED}[name],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT, **told, **more},
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),  # no threads of ours run yet that matter
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        peer = Peer(name, process, f"http://127.0.0.1:{port}/graphql")
        await until(lambda: _answers(peer), timeout=STARTS_WITHIN_SECONDS, every=0.2)
        yield peer
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), 15)
        except TimeoutError:
            process.kill()
            await process.wait()


def headers_of(customer: str) -> dict[str, str]:
    """What a customer sends: the floor, which reads no token, is told who it is."""
    return {**bearer(customer), "x-customer": customer, "content-type": "application/json"}


async def _answers(peer: Peer) -> bool:
    if peer.process.returncode is not None:
        raise RuntimeError(f"{peer.name} has ended with {peer.process.returncode}")
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                peer.url, data='{"query": "{ __typename }"}', headers=headers_of("somebody")
            ) as response,
        ):
            return response.status == 200
    except aiohttp.ClientConnectionError:
        return False
