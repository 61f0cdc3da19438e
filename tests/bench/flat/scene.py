"""A gateway on servers of its own, asked for pages, and the CPU that they take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil
from motor.motor_asyncio import AsyncIOMotorClient

from compose.servers import running as running_servers
from compose.topology import Topology
from schema.views import MYPAGE_DATABASE, MYPAGE_ORDERS
from services.chassis import mongo
from tests.bench.flat.cases import FEW, SHOWN, Case, keep
from tests.bench.footprint.shopping import TEXTS
from tests.ports import free_ports
from tests.trust import SECRETS
from tests.waiting import until

AT_ONCE = 4


@dataclass
class Scene:
    """A gateway, and the processes whose CPU counts."""

    url: str
    session: aiohttp.ClientSession
    tokens: dict[str, str]
    gateway: psutil.Process
    mongod: psutil.Process
    collection: mongo.Collection

    async def ask(self, case: Case, requests: int) -> None:
        """Ask for the page so often, and note what one took."""
        before = [_used(each) for each in (self.gateway, self.mongod)]
        turns = iter(range(requests))

        async def some() -> None:
            for _ in turns:
                await self._page(case)

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
        gateway, mongod = (_used(each) for each in (self.gateway, self.mongod))
        case.gateway_us.append((gateway - before[0]) / requests * 1e6)
        case.mongod_us.append((mongod - before[1]) / requests * 1e6)

    async def _page(self, case: Case) -> None:
        body = {"query": TEXTS["MyOrders"], "variables": case.variables}
        headers = {"authorization": f"Bearer {self.tokens[case.customer]}"}
        async with self.session.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            said = await response.json()
        assert len(said["data"]["myOrders"]["edges"]) == SHOWN, said


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


@asynccontextmanager
async def scene(folder: Path, many: int) -> AsyncIterator[Scene]:
    """Servers, orders, and a gateway."""
    async with running_servers(folder, free_ports()) as servers:
        client: mongo.Client = AsyncIOMotorClient(servers.mongo_url, tz_aware=True)
        collection = client[f"fruitstore_{MYPAGE_DATABASE}"][MYPAGE_ORDERS]
        for customer, count in (("few", FEW), ("many", many)):
            await keep(collection, customer, count)
        told = {"MONGO_URL": servers.mongo_url, "RABBITMQ_URL": servers.rabbitmq_url, "BFF_RATES": "false"}
        [bff] = [
            each for each in Topology(folder, free_ports(), told).programs(SECRETS) if each.name == "bff"
        ]
        process = await asyncio.create_subprocess_exec(
            *bff.command, env=dict(bff.environment) | {"LOG_LEVEL": "error"}, cwd=bff.directory
        )
        try:
            await until(bff.ready, timeout=60)
            async with aiohttp.ClientSession() as session:
                tokens = {name: await _token(bff.url, session, name) for name in ("few", "many")}
                mongod = psutil.Process(servers.pid("mongod"))
                yield Scene(bff.url, session, tokens, psutil.Process(process.pid), mongod, collection)
        finally:
            process.terminate()
            await process.wait()
            client.close()


async def _token(url: str, session: aiohttp.ClientSession, name: str) -> str:
    async with session.post(f"{url}/dev/token", json={"customerId": name}) as response:
        return str((await response.json())["token"])
