import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aio_pika
import psutil
import pytest
from aio_pika.abc import AbstractChannel
from motor.motor_asyncio import AsyncIOMotorClient

from compose.servers import Servers, running
from tests.compose.standins import are_gone, family, started_since
from tests.ports import free_ports
from tests.vhosts import rabbitmqctl
from tests.waiting import until

QUEUE: dict[str, Any] = {"x-queue-type": "quorum"}


@asynccontextmanager
async def channel(servers: Servers) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(servers.rabbitmq_url) as connection, connection.channel() as opened:
        yield opened


@asynccontextmanager
async def baskets(servers: Servers) -> AsyncIterator[Any]:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url, w="majority")
    try:
        yield client.test.baskets
    finally:
        client.close()


async def leave_an_apple_in_each(servers: Servers) -> None:
    async with baskets(servers) as collection:
        await collection.insert_one({"_id": "apple"})
    async with channel(servers) as opened:
        await opened.declare_queue("baskets", durable=True, arguments=QUEUE)
        apple = aio_pika.Message(b"apple", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await opened.default_exchange.publish(apple, "baskets")


async def find_an_apple_in_each(servers: Servers) -> None:
    async with baskets(servers) as collection:
        assert await collection.find_one() == {"_id": "apple"}
    async with channel(servers) as opened:
        queue = await opened.declare_queue("baskets", durable=True, arguments=QUEUE)
        apple = await queue.get()
        assert apple
        assert apple.body == b"apple"


async def test_both_servers_keep_what_they_were_given_even_when_their_ports_change(tmp_path: Path) -> None:
    async with running(tmp_path, free_ports()) as servers:
        await leave_an_apple_in_each(servers)
    async with running(tmp_path, free_ports()) as servers:
        await find_an_apple_in_each(servers)


async def test_both_servers_keep_what_they_were_given_when_killed(tmp_path: Path) -> None:
    async with running(tmp_path, free_ports()) as servers:
        await leave_an_apple_in_each(servers)
        await until(servers.settled)
        for name in ("mongod", "rabbitmq"):
            os.kill(servers.pid(name), signal.SIGKILL)
        await until(lambda: not servers.supervisor.ready)
        await until(lambda: servers.supervisor.ready, timeout=30)
        await find_an_apple_in_each(servers)


async def test_a_first_start_that_was_cut_short_leaves_nothing_half_done(tmp_path: Path) -> None:
    half = tmp_path / "rabbitmq" / "data" / "half"
    half.mkdir(parents=True)
    async with running(tmp_path, free_ports()) as servers:
        assert not half.exists()
        await leave_an_apple_in_each(servers)


async def test_a_broker_that_was_killed_is_ready_only_when_each_queue_takes_messages_again(
    tmp_path: Path,
) -> None:
    names = [f"basket-{number}" for number in range(8)]
    async with running(tmp_path, free_ports()) as servers:
        async with channel(servers) as opened:
            for name in names:
                await opened.declare_queue(name, durable=True, arguments=QUEUE)
        await until(servers.settled)
        for _ in range(3):
            os.kill(servers.pid("rabbitmq"), signal.SIGKILL)
            await until(lambda: not servers.supervisor.ready)
            await until(lambda: servers.supervisor.ready, timeout=40)
            async with asyncio.timeout(10), channel(servers) as opened:
                for name in names:
                    await opened.default_exchange.publish(aio_pika.Message(b"apple"), name)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs is seen soon."""
    monkeypatch.setattr("compose.keeper.ALIVE_EVERY", 0.2)
    monkeypatch.setattr("compose.keeper.FAILURES", 3)
    monkeypatch.setattr("compose.keeping.PATIENCE", 1.0)
    monkeypatch.setattr("compose.mongod.ANSWERS_WITHIN", 1.0)


@pytest.mark.usefixtures("soon")
async def test_a_broker_that_accepts_connections_and_keeps_nothing_is_replaced(tmp_path: Path) -> None:
    """As after a full disk: the log of all quorum queues has ended, the node has not."""
    async with running(tmp_path, free_ports()) as servers:
        before = servers.pid("rabbitmq")
        await rabbitmqctl(servers, "eval", "application:stop(ra).")
        await _replaced(servers, "rabbitmq", before)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("name", ["mongod", "rabbitmq"])
async def test_a_server_that_hangs_is_replaced(name: str, tmp_path: Path) -> None:
    async with running(tmp_path, free_ports()) as servers:
        before = servers.pid(name)
        os.kill(before, signal.SIGSTOP)
        await _replaced(servers, name, before)


async def _replaced(servers: Servers, name: str, before: int) -> None:
    keeper = servers.supervisor.keepers[name]
    await until(lambda: keeper.child and keeper.child.pid != before and keeper.ready.is_set(), timeout=60)


async def test_two_pairs_of_servers_side_by_side_leave_nothing_behind(tmp_path: Path) -> None:
    before = family(os.getpid())
    async with (
        running(tmp_path / "one", free_ports()) as one,
        running(tmp_path / "other", free_ports()) as other,
    ):
        await leave_an_apple_in_each(one)
        await leave_an_apple_in_each(other)
        everything = started_since(before)
        names = {process.name() for process in everything}
        assert {"mongod", "beam.smp", "epmd", "inet_gethost"} <= names
    await until(lambda: are_gone(everything))


async def test_both_servers_run_in_a_folder_with_blanks_in_its_name(tmp_path: Path) -> None:
    async with running(tmp_path / "과일 가게", free_ports()) as servers:
        await leave_an_apple_in_each(servers)


async def test_only_this_machine_can_reach_the_servers(tmp_path: Path) -> None:
    before = family(os.getpid())
    async with running(tmp_path, free_ports()):
        addresses = {
            connection.laddr.ip
            for process in started_since(before)
            for connection in process.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        }
    assert addresses == {"127.0.0.1", "::1"}


RUN = """
import asyncio, sys
from pathlib import Path
from compose.servers import running
from tests.ports import free_ports
from tests.vhosts import rabbitmqctl

async def main():
    async with running(Path(sys.argv[1]), free_ports()):
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_servers_of_a_killed_supervisor_are_gone_with_all_they_started(tmp_path: Path) -> None:
    supervisor = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RUN, str(tmp_path)), stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout
    assert await supervisor.stdout.readline() == b"ready\n"
    everything = family(supervisor.pid)
    assert "beam.smp" in {process.name() for process in everything}
    supervisor.kill()
    await supervisor.communicate()
    await until(lambda: are_gone(everything))
