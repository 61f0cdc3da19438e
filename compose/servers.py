"""The two servers every part leans on, by themselves: for tests, and for whoever runs the parts by hand."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from compose import rabbitmq
from compose.directory import Secrets
from compose.program import Program
from compose.supervisor import Supervisor
from compose.topology import MODULES, Ports, Topology


@dataclass(frozen=True, slots=True)
class Servers:
    """A mongod and a RabbitMQ that are running, and the supervisor that keeps them so."""

    directory: Path
    mongo_url: str
    rabbitmq_url: str
    supervisor: Supervisor

    def pid(self, name: str) -> int:
        """The process id of `mongod`, `rabbitmq` or `epmd` as it runs now; LookupError while it is down."""
        child = self.supervisor.keepers[name].child
        if child is None:
            raise LookupError(f"{name} is down")
        return child.pid

    def settled(self) -> bool:
        """Whether RabbitMQ may be killed without forgetting a quorum queue declared just now."""
        return rabbitmq.settled(self.directory / "rabbitmq")


class Unheard:
    """A listener for those who do not care."""

    def died(self, program: Program, how: str, delay: float) -> None:
        """Say nothing."""

    def became_ready(self, program: Program, restarts: int) -> None:
        """Say nothing."""


@asynccontextmanager
async def running(directory: Path, ports: Ports) -> AsyncIterator[Servers]:
    """Run both servers, ready for work; a server that dies is started again. Nothing is left behind.

    Their data and logs are kept in the directory. Raises Trouble with a sentence if they cannot be started.
    Servers that MONGO_URL or RABBITMQ_URL may name are not used: whoever asks here wants their own.
    """
    others = {name: value for name, value in os.environ.items() if name not in {"MONGO_URL", "RABBITMQ_URL"}}
    topology = Topology(directory, ports, others, without=frozenset(MODULES))
    logs = directory / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(topology.programs(Secrets("", "")), logs, Unheard())
    async with supervisor.running():
        await supervisor.until_ready()
        yield Servers(directory, topology.mongo_url, topology.rabbitmq_url, supervisor)
