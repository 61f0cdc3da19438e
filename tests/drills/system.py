"""The system to drill: real servers and parts, and a link that can be broken between any two of them."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
from motor.motor_asyncio import AsyncIOMotorClient
from yarl import URL

from compose.program import Program
from compose.servers import Unheard
from compose.supervisor import Supervisor
from compose.topology import MODULES, Ports, Topology
from schema.requests import SandboxLevers
from services.chassis import mongo
from tests.ports import free_ports
from tests.proxy import Link, linked
from tests.stories.stack import FIRST_LEVERS, QUICK
from tests.trust import SECRETS, trusted
from tests.waiting import until

Way = tuple[str, str]
"""Who connects, and to whom."""

WAYS: tuple[Way, ...] = (
    ("customers", "bff"),
    ("bff", "order"),
    ("bff", "payment"),
    ("order", "payment"),
    *((part, server) for part in MODULES for server in ("mongod", "rabbitmq")),
)

PARTS = tuple(MODULES)
SERVERS = ("mongod", "rabbitmq")
OURS = ("MONGO_URL", "RABBITMQ_URL", "MONGO_DATABASE_PREFIX", "SERVICE_SECRET")

TIMES = {
    **QUICK,
    "ORDER_PAYMENT_PATIENCE_SECONDS": "10",
    "DELIVERY_SANDBOX": "true",
    "DELIVERY_SANDBOX_SECONDS": "1",
    "PAYMENT_SANDBOX_LATENCY_MS_MIN": "10",
    "PAYMENT_SANDBOX_LATENCY_MS_MAX": "30",
    "LOG_LEVEL": "warning",
}
"""Times in which stories end by themselves, and outages are shorter than the patience for payments."""


@dataclass(frozen=True, slots=True)
class System:
    """A running system, and what can be done to it."""

    ports: Ports
    directory: Path
    supervisor: Supervisor
    links: dict[Way, Link]
    client: mongo.Client

    @property
    def http(self) -> str:
        """The gateway, as customers reach it."""
        return f"http://127.0.0.1:{self.links['customers', 'bff'].port}"

    @property
    def rabbitmq_url(self) -> str:
        """The broker, past every link."""
        return self.supervisor.keepers["rabbitmq"].program.url

    def database(self, room: str) -> mongo.Database:
        """A service's database."""
        return self.client[f"fruitstore_{room}"]

    def pid(self, name: str) -> int | None:
        """The process id of a part or a server as it runs now."""
        child = self.supervisor.keepers[name].child
        return child.pid if child else None

    def is_ready(self, name: str) -> bool:
        """Whether a part or a server has become ready, and runs."""
        return self.supervisor.keepers[name].ready.is_set()

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Send a part or a server a signal; whether it runs."""
        child = self.supervisor.keepers[name].child
        if child:
            child.signal(number)
        return child is not None

    async def is_back(self, *names: str, within: float = 60) -> None:
        """Wait until these, or else all, are ready."""
        keepers = [self.supervisor.keepers[name] for name in names or self.supervisor.keepers]
        async with asyncio.timeout(within):
            for keeper in keepers:
                await keeper.ready.wait()

    async def is_whole(self) -> None:
        """Wait until every process runs and says that it is ready, broker and all."""
        await until(self._is_whole, timeout=60, every=0.1)

    async def pull(self, **levers: Any) -> None:
        """Make the payment sandbox behave so, even if it has to be asked again; the rest is as at first."""
        body = FIRST_LEVERS.model_copy(update=levers).model_dump(mode="json")
        SandboxLevers.model_validate(body)
        url = f"{self.ports.url('payment')}/sandbox"

        async def pulled() -> bool:
            try:
                async with (
                    aiohttp.ClientSession(
                        timeout=aiohttp.ClientTimeout(total=2), headers=trusted()
                    ) as session,
                    session.put(url, json=body) as response,
                ):
                    return response.status == 200
            except (aiohttp.ClientError, TimeoutError):
                return False

        await until(pulled, timeout=30, every=0.1)

    async def _is_whole(self) -> bool:
        answers = await asyncio.gather(*(self._has_all(part) for part in PARTS))
        return self.supervisor.ready and all(answers)

    async def _has_all(self, part: str) -> bool:
        """Whether a part has all that it depends on, required or not."""
        url = f"{self.ports.url(part)}/readyz"
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session,
                session.get(url) as response,
            ):
                said = await response.json()
        except (aiohttp.ClientError, TimeoutError):
            return False
        return all(each["ok"] for each in said["dependencies"].values())


@asynccontextmanager
async def running(directory: Path) -> AsyncIterator[System]:
    """Run the system; it stops in order, and leaves nothing behind."""
    ports = free_ports()
    others = {name: value for name, value in os.environ.items() if name not in OURS}
    topology = Topology(directory, ports, {**others, **TIMES})
    logs = directory / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as links_open:
        links: dict[Way, Link] = {}
        for way in WAYS:
            links[way] = await links_open.enter_async_context(linked(_port(ports, way[1])))
        programs = [_rewired(each, links) for each in topology.programs(SECRETS)]
        supervisor = Supervisor(programs, logs, Unheard())
        async with supervisor.running():
            await supervisor.until_ready()
            client: mongo.Client = AsyncIOMotorClient(topology.mongo_url, tz_aware=True, timeoutMS=10_000)
            try:
                system = System(ports, directory, supervisor, links, client)
                await until(topology.settled)
                await system.pull()
                yield system
            finally:
                client.close()


def _port(ports: Ports, name: str) -> int:
    port: int = getattr(ports, name)
    return port


def _rewired(program: Program, links: dict[Way, Link]) -> Program:
    """The program, with its ways to the others led through links; mongod also learns to fail on demand."""
    if program.name == "mongod":
        return replace(program, command=(*program.command, "--setParameter", "enableTestCommands=1"))
    environment = dict(program.environment)
    for (part, other), link in links.items():
        if part == program.name:
            environment |= _address(other, link.port)
    return replace(program, environment=environment)


def _address(of: str, port: int) -> dict[str, str]:
    match of:
        case "mongod":  # the replica set's own word for its address would lead past the link
            return {"MONGO_URL": f"mongodb://127.0.0.1:{port}/?directConnection=true"}
        case "rabbitmq":
            return {"RABBITMQ_URL": str(URL("amqp://guest:guest@127.0.0.1/").with_port(port))}
        case _:
            return {f"{of.upper()}_URL": f"http://127.0.0.1:{port}"}
