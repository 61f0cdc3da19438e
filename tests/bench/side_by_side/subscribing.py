"""Measures subscriptions: what a delivery costs, how late it comes, and what each takes of memory."""

import gc
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
from motor.motor_asyncio import AsyncIOMotorClient

from compose.servers import running as servers_running
from services.mypage.projection import Page, take_in
from services.mypage.store import MongoPages
from tests import facts
from tests.bench.side_by_side import peers
from tests.bench.side_by_side.announcing import Announcer
from tests.bench.side_by_side.load import turns
from tests.bench.side_by_side.watchers import Watch, watching
from tests.ports import free_ports
from tests.vhosts import Vhosts
from tests.waiting import until

NAMES: Final = (peers.GATEWAY, peers.GRAPHQL_WS)
ROOM: Final = {
    "BFF_CONNECTIONS_PER_CUSTOMER": "100",
    "BFF_CONNECTIONS_PER_ADDRESS": "10000",
    "BFF_SUBSCRIPTIONS_PER_CONNECTION": "100",
}
"""All come from one address here."""


@dataclass(frozen=True)
class Shape:
    """How subscriptions are spread: so many on a connection, and so many of an order."""

    title: str
    a_connection: int = 1
    an_order: int = 1

    def orders(self, subscriptions: int) -> list[tuple[str, str]]:
        """The orders that are watched, with their customers: as many of each as a connection watches."""
        count = subscriptions // self.an_order
        return [(f"order-{n}", f"customer-{n // self.a_connection}") for n in range(count)]

    def watches(self, subscriptions: int) -> Iterator[Watch]:
        """The connections."""
        orders = self.orders(subscriptions)
        for start in range(0, len(orders), self.a_connection):
            some = orders[start : start + self.a_connection]
            for _ in range(self.an_order):
                yield Watch(some[0][1], [order for order, _ in some])


SHAPES: Final = {
    "own": Shape("each an order of its own"),
    "ten": Shape("ten a connection", a_connection=10),
    "same": Shape("ten watch an order", an_order=10),
}


@dataclass(frozen=True)
class Load:
    """How much is measured: `rate` is deliveries a second, `together` is views in a message."""

    subscriptions: int
    rounds: int
    updates: int
    rate: float
    together: int


@dataclass
class Told:
    """What one of them took: a figure for each round, and when each delivery came (seconds)."""

    kib: float = 0.0
    cpu_us: list[float] = field(default_factory=list)
    unwatched_us: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """Microseconds of CPU for a delivery, the rounds' median."""
        return statistics.median(self.cpu_us)

    def own(self, shape: Shape) -> float:
        """The same without what an announcement costs that nobody watches."""
        return self.cpu - statistics.median(self.unwatched_us) / shape.an_order

    def within(self, share: float) -> float:
        """Milliseconds within which so many deliveries came."""
        return sorted(self.late)[int(len(self.late) * share)] * 1000


async def measure(load: Load, shape: Shape, tell: Callable[[str], None]) -> dict[str, Told]:
    """Run servers of its own and both of them, and take the figures."""
    await peers.install()
    cores = os.sched_getaffinity(0)
    theirs, ours = min(cores), max(cores)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = await stack.enter_async_context(servers_running(folder, free_ports()))
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url, tz_aware=True)
        stack.callback(client.close)
        await _keep(shape.orders(load.subscriptions), client)
        for name in ("mongod", "rabbitmq"):
            _pin(servers.pid(name), ours)
        vhosts, measured = Vhosts(servers), dict[str, _One]()
        for name in NAMES:
            tell(f"{name} starts.")
            url = await vhosts.fresh()
            told = ROOM | {"RABBITMQ_URL": url}
            peer = await stack.enter_async_context(peers.running(name, servers, theirs, told))
            measured[name] = _One(load, shape, peer, await Announcer.at(url))
            stack.push_async_callback(measured[name].announcer.close)
        os.sched_setaffinity(0, {ours})
        stack.callback(os.sched_setaffinity, 0, cores)
        for name, one in measured.items():
            tell(f"{shape.title}: {load.subscriptions} subscriptions of {name} are opened.")
            await one.open()
        gc.collect()
        gc.freeze()  # the load is not to stand still for its own garbage
        for number, name in turns(list(NAMES), load.rounds):
            tell(f"{shape.title}, round {number + 1} of {load.rounds}: {name}")
            await measured[name].round()
        return {name: one.told for name, one in measured.items()}


class _One:
    """One of them, watched."""

    def __init__(self, load: Load, shape: Shape, peer: peers.Peer, announcer: Announcer) -> None:
        self._load = load
        self._shape = shape
        self._peer = peer
        self._orders = shape.orders(load.subscriptions)
        self._version = 10
        self._heard = 0
        self.announcer = announcer
        self.told = Told()

    async def open(self) -> None:
        """Have all watch, and take what they take of memory."""
        process = psutil.Process(self._peer.process.pid)
        before = process.memory_info().rss
        await watching(self._peer.url, self._shape.watches(self._load.subscriptions), self._hear)
        self.told.kib = (process.memory_info().rss - before) / self._load.subscriptions / 1024

    async def round(self) -> None:
        """Announce what is watched, and as much that nobody watches."""
        orders = self._orders[: self._load.updates // self._shape.an_order]
        deliveries = len(orders) * self._shape.an_order
        self._heard, cpu = 0, self._peer.cpu
        await self._tell(orders)
        await until(lambda: self._heard >= deliveries, timeout=30, every=0.02)
        self.told.cpu_us.append((self._peer.cpu - cpu) / deliveries * 1e6)
        assert self._heard == deliveries
        cpu = self._peer.cpu
        await self._tell([(f"not-{order}", customer) for order, customer in orders])
        await self._at_rest()
        self.told.unwatched_us.append((self._peer.cpu - cpu) / len(orders) * 1e6)

    async def _tell(self, orders: list[tuple[str, str]]) -> None:
        self._version += 1
        rate = self._load.rate / self._shape.an_order
        await self.announcer.tell(orders, self._version, rate, self._load.together)

    async def _at_rest(self) -> None:
        """Wait until one that is watched has come after all the others."""
        self._heard = 0
        await self._tell(self._orders[:1])
        await until(lambda: self._heard >= self._shape.an_order, timeout=30, every=0.02)

    def _hear(self, order: str, version: int, at: float) -> None:
        self._heard += 1
        self.told.late.append(at - self.announcer.announced[order, version])


async def _keep(orders: list[tuple[str, str]], client: AsyncIOMotorClient[dict[str, Any]]) -> None:
    pages = MongoPages(client[peers.DATABASE]["orders"])
    await pages.prepare()
    await pages.add([_page(order, customer) for order, customer in orders], {})


def _page(order: str, customer: str) -> Page:
    page = take_in(None, facts.placed(order, customer_id=customer))
    page = take_in(page, facts.approved(order))
    assert page is not None
    return page


def _pin(pid: int, core: int) -> None:
    """Have a process, with all its threads and children, run on one core."""
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        for thread in process.threads():
            os.sched_setaffinity(thread.id, {core})
