"""Facts into MyPage, one by one and together: how many, at what cost, and how soon a change is announced.

    .venv/bin/python -m tests.bench.projection --help

Runs mypage as processes of its own, with a mongod and a RabbitMQ, on loopback, in rounds that take turns, and
prints a table. No two facts that come soon after one another are of the same order.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import aio_pika
import psutil
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import SecretStr
from rich.console import Console
from rich.progress import track
from rich.table import Table

from compose.servers import Servers
from compose.servers import running as running_servers
from schema import channels, events
from schema.events import Event
from schema.views import MYPAGE_ORDERS, OrderView
from services.chassis import collecting, mongo
from services.chassis.background import running
from services.chassis.bus import Bus
from services.chassis.clock import now
from services.chassis.serve import serve, settings_or_exit
from services.chassis.settings import ProcessSettings
from services.mypage import app
from services.mypage.settings import MypageSettings
from services.mypage.together import Outcome, Taken
from tests import facts
from tests.ports import free_base, free_ports
from tests.trust import ENVIRONMENT, SERVICE_SECRET
from tests.vhosts import Vhosts
from tests.waiting import until

WAYS = {
    "one": "one after another",
    "each": "each by itself, many at once",
    "together": "together",
}
RATIO_AT_LEAST = 4.0
STORY = (facts.placed, facts.approved, facts.started, facts.completed)


class EachByItself(collecting.Collector[Event, Taken]):
    """Takes each in at once, beside the others."""

    async def take_in(self, fact: Event) -> Outcome:
        """Take it in by itself."""
        [outcome] = await self._take_in_all([fact])
        return outcome


class OneAfterAnother(collecting.Collector[Event, Taken]):
    """Takes each in when the one before it is done."""

    def __init__(self, take_in_all: collecting.TakeInAll[Event, Taken], *_: object, **__: object) -> None:
        super().__init__(take_in_all, at_most=1)


@dataclass
class Way:
    """A mypage that takes facts in one way, and what was measured of it."""

    name: str
    process: psutil.Process
    servers: Sequence[psutil.Process]
    vhost: str
    pages: mongo.Collection
    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    servers_ms: list[float] = field(default_factory=list)
    announced_ms: list[float] = field(default_factory=list)

    async def catch_up(self, orders: int, turn: int) -> None:
        """Let it take in what was told while it stood still."""
        self.process.send_signal(signal.SIGSTOP)
        told = list(told_in_turn(orders, f"round-{turn}"))
        await tell(self.vhost, told)
        before, servers, start = self._cpu(), sum(map(used, self.servers)), time.monotonic()
        self.process.send_signal(signal.SIGCONT)
        settled = {"_id": {"$regex": f"^round-{turn}-"}, "settled": True}
        await until(lambda: self._has(settled, orders), timeout=300, every=0.05)
        self.rates.append(len(told) / (time.monotonic() - start))
        await until(self._is_idle, timeout=60, every=0.2)
        self.cpu_ms.append((self._cpu() - before) / len(told) * 1000)
        self.servers_ms.append((sum(map(used, self.servers)) - servers) / len(told) * 1000)

    async def announce(self, count: int, per_second: int, turn: int) -> None:
        """Tell some facts at an easy pace; how long after each its change was announced."""
        told: dict[str, float] = {}
        all_came = asyncio.Event()

        async def hear(views: Sequence[OrderView]) -> None:
            for view in views:
                if view.id in told:
                    self.announced_ms.append((time.monotonic() - told.pop(view.id)) * 1000)
            if not told:
                all_came.set()

        bus = Bus(settings(self.vhost))
        bus.hear_changes(f"bench-{turn}", hear)
        async with running(bus.run()):
            await until(bus.connected)
            for number in range(count):
                fact = facts.placed(f"easy-{turn}-{number}", at=now())
                told[fact.order_id] = time.monotonic()
                await bus.tell(fact)
                await asyncio.sleep(1 / per_second)
            async with asyncio.timeout(10):
                await all_came.wait()
        await bus.stop()

    async def _has(self, which: mongo.Document, orders: int) -> bool:
        return await self.pages.count_documents(which) == orders

    async def _is_idle(self) -> bool:
        before = self._cpu()
        await asyncio.sleep(0.2)
        return self._cpu() - before < 0.02

    def _cpu(self) -> float:
        return used(self.process)


def used(process: psutil.Process) -> float:
    """The CPU seconds of a process so far."""
    times = process.cpu_times()
    return times.user + times.system


def told_in_turn(orders: int, prefix: str) -> Iterator[Event]:
    """All facts of so many orders, as if they had been placed within a short while."""
    for make in STORY:
        for number in range(orders):
            yield make(f"{prefix}-{number}")


async def tell(vhost: str, told: Sequence[Event]) -> None:
    """Put facts where mypage hears them."""
    async with await aio_pika.connect(vhost) as connection, connection.channel() as channel:
        exchange = await channel.get_exchange(channels.EVENTS)
        for start in range(0, len(told), 100):
            await asyncio.gather(
                *(exchange.publish(message(fact), fact.type) for fact in told[start : start + 100])
            )


def message(fact: Event) -> aio_pika.Message:
    """A fact as it is told."""
    return aio_pika.Message(
        fact.model_dump_json().encode(),
        content_type="application/json",
        message_id=fact.id,
        correlation_id=f"bench-{time.monotonic_ns()}",
        type=fact.type,
        headers=dict(events.headers(fact)),
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )


async def measure(options: argparse.Namespace) -> bool:
    """Run all, print the figures; whether they are good enough."""
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            servers = await stack.enter_async_context(running_servers(Path(folder), free_ports()))
            vhosts = Vhosts(servers)
            client: mongo.Client = AsyncIOMotorClient(servers.mongo_url, tz_aware=True)
            ways = [await stack.enter_async_context(way(name, servers, vhosts, client)) for name in WAYS]
            for turn in track(range(options.rounds + 1), "taking turns", transient=True):
                for each in ways[turn % len(ways) :] + ways[: turn % len(ways)]:
                    await each.catch_up(options.orders, turn)
                    await each.announce(options.easy, options.per_second, turn)
            for each in ways:  # of the first round all is thrown away
                del each.rates[0], each.cpu_ms[0], each.servers_ms[0], each.announced_ms[: options.easy]
            client.close()
    Console(width=110).print(table(ways))
    one, by_itself, at_once = ways
    ratio = median(at_once.rates) / median(one.rates)
    beside = median(at_once.rates) / median(by_itself.rates)
    Console(width=110).print(
        f"together: {ratio:.2f} times as many as one after another (at least {RATIO_AT_LEAST}),"
        f" {beside:.2f} times as many as each by itself"
    )
    return ratio >= RATIO_AT_LEAST


@asynccontextmanager
async def way(name: str, servers: Servers, vhosts: Vhosts, client: mongo.Client) -> AsyncIterator[Way]:
    """A mypage of this kind, ready."""
    vhost = await vhosts.fresh()
    told = {"MONGO_URL": servers.mongo_url, "RABBITMQ_URL": vhost, "MONGO_DATABASE_PREFIX": f"bench_{name}"}
    port = free_base()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.projection", "--serve", name),
        env={**os.environ, **ENVIRONMENT, **told, "PORT": str(port), "LOG_LEVEL": "warning"},
    )
    try:
        probe = Bus(settings(vhost))
        async with running(probe.run()):
            await until(lambda: heard_by(probe, "mypage"), timeout=60)
        await probe.stop()
        pages = client[f"bench_{name}_mypage"][MYPAGE_ORDERS]
        both = [psutil.Process(servers.pid(server)) for server in ("mongod", "rabbitmq")]
        beside = [*both, *(child for each in both for child in each.children(recursive=True))]
        yield Way(WAYS[name], psutil.Process(process.pid), beside, vhost, pages)
    finally:
        process.terminate()
        await process.wait()


def settings(vhost: str) -> ProcessSettings:
    """How the bench itself is connected."""
    return ProcessSettings(rabbitmq_url=vhost, service_secret=SecretStr(SERVICE_SECRET))


async def heard_by(bus: Bus, hearer: str) -> bool:
    """Whether anybody hears."""
    if not await bus.connected():
        return False
    state = await bus.state_of(channels.queue_name(hearer))
    return state is not None and state.consumers > 0


def table(ways: Sequence[Way]) -> Table:
    """The figures: medians of the rounds, and the lowest and highest rate."""
    numbers = ("facts/s", "lowest, highest", "CPU per fact", "servers'", "announced after, p50", "p99")
    result = Table("facts taken in", *numbers)
    for each in ways:
        times = sorted(each.announced_ms)
        result.add_row(
            each.name,
            f"{median(each.rates):.0f}",
            f"{min(each.rates):.0f}, {max(each.rates):.0f}",
            f"{median(each.cpu_ms):.2f} ms",
            f"{median(each.servers_ms):.2f} ms",
            f"{times[len(times) // 2]:.1f} ms",
            f"{times[int(len(times) * 0.99)]:.1f} ms",
        )
    return result


OTHERS = {"one": OneAfterAnother, "each": EachByItself}


def be(name: str) -> None:
    """Be a mypage that takes facts in this way."""
    if name in OTHERS:
        vars(app)["Collector"] = OTHERS[name]
    ours = settings_or_exit(MypageSettings)
    serve(app.build(ours), ours, "mypage")


def main() -> None:
    """Read the command line; exit status 1 where the gain is too small."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=500, help="orders of four facts in a round (500)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, after one to warm up (5)")
    parser.add_argument("--easy", type=int, default=60, help="facts told at an easy pace in a round (60)")
    parser.add_argument("--per-second", type=int, default=20, help="that pace (20)")
    parser.add_argument("--serve", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        be(options.serve)
    else:
        sys.exit(0 if asyncio.run(measure(options)) else 1)


if __name__ == "__main__":
    main()
