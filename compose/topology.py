"""What a stack on one machine is made of: the parts, the servers, their ports, and what they are told."""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from compose import keeper, mongod, probes, rabbitmq
from compose.directory import Secrets
from compose.program import Program

ROOT = Path(__file__).parent.parent

MODULES = {
    "order": "services.order.app",
    "payment": "services.payment.app",
    "delivery": "services.delivery.app",
    "mypage": "services.mypage.app",
    "bff": "bff.app",
}
"""The parts, and the module each is run from."""

BEHIND = frozenset({"delivery", "mypage"})
"""Parts that nobody who orders waits for: where there is not enough CPU for all, they catch up later."""
BEHIND_NICENESS = 10

DEFAULTS = {
    "PAYMENT_SANDBOX": "true",
    "DELIVERY_SANDBOX": "true",
    "BFF_DEV_LOGIN": "true",
    "BFF_IDE": "true",
    "BFF_INTROSPECTION": "true",
    "BFF_SUGGESTIONS": "true",
    "PYTHONUNBUFFERED": "1",
}
"""What the parts are told unless the user's environment says otherwise."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Who listens where, all on 127.0.0.1."""

    bff: int
    order: int
    payment: int
    delivery: int
    mypage: int
    mongod: int
    rabbitmq: int
    distribution: int
    epmd: int

    @classmethod
    def counting_from(cls, base: int, *, mongod: int | None = None, rabbitmq: int | None = None) -> "Ports":
        """Nine ports in a row, save those that are given."""
        bff, order, payment, delivery, mypage = range(base, base + 5)
        servers = (mongod or base + 5, rabbitmq or base + 6, base + 7, base + 8)
        return cls(bff, order, payment, delivery, mypage, *servers)

    def url(self, part: str) -> str:
        """Where a part is found."""
        return f"http://127.0.0.1:{asdict(self)[part]}"


@dataclass(frozen=True, slots=True)
class Topology:
    """One stack: where it lives, where it listens, and what its user's environment says.

    A MONGO_URL or RABBITMQ_URL of the user's is used, and no server of ours is started in its place. Parts
    named in `without` are left out.
    """

    directory: Path
    ports: Ports
    environment: Mapping[str, str]
    without: frozenset[str] = frozenset()

    @property
    def mongo_url(self) -> str:
        """The user's MongoDB, or ours."""
        return self.environment.get("MONGO_URL") or mongod.url(self.ports.mongod)

    @property
    def rabbitmq_url(self) -> str:
        """The user's broker, or ours."""
        return self.environment.get("RABBITMQ_URL") or rabbitmq.url(self.ports.rabbitmq)

    def shows_pages(self) -> bool:
        """Whether there is a gateway of ours, and it shows the pages that are built here."""
        return "bff" not in self.without and not self.environment.get("BFF_PAGES")

    def settled(self) -> bool:
        """Whether our broker, if we run one, has its queues on disk."""
        return rabbitmq.settled(self.directory / "rabbitmq")

    def wanted_ports(self) -> dict[str, int]:
        """The ports this stack listens on, by who does."""
        absent = set(self.without)
        absent |= {"mongod"} if self.environment.get("MONGO_URL") else set()
        absent |= {"rabbitmq", "distribution", "epmd"} if self.environment.get("RABBITMQ_URL") else set()
        return {name: port for name, port in asdict(self.ports).items() if name not in absent}

    def programs(self, secrets: Secrets) -> tuple[Program, ...]:
        """Everything to run. Raises Trouble if a server is to be run that this machine does not have."""
        wanted, ports = self.wanted_ports(), self.ports
        programs = []
        if "mongod" in wanted:
            programs.append(mongod.program(self.directory / "mongo", ports.mongod, self.environment))
        if "rabbitmq" in wanted:
            home = self.directory / "rabbitmq"
            programs.append(rabbitmq.epmd(home, ports.epmd))
            programs.append(rabbitmq.program(home, ports.rabbitmq, ports.distribution, ports.epmd))
        programs += [self._part(name, secrets) for name in MODULES if name in wanted]
        return tuple(programs)

    def _part(self, name: str, secrets: Secrets) -> Program:
        """A part. It could wait for its servers itself, but would only complain meanwhile."""
        port = asdict(self.ports)[name]
        return Program(
            name=name,
            command=(sys.executable, "-m", MODULES[name]),
            environment=self._told(port, secrets),
            directory=ROOT,
            port=port,
            url=self.ports.url(name),
            ready=partial(probes.answers_http, port),
            alive=partial(probes.answers_http, port, "/healthz", keeper.ALIVE_EVERY),
            tier=0 if name == "bff" else 1,
            niceness=BEHIND_NICENESS if name in BEHIND else 0,
        )

    def _told(self, port: int, secrets: Secrets) -> dict[str, str]:
        """A part's environment: our defaults, over them the user's, over them the addresses of this stack."""
        addresses = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "MONGO_URL": self.mongo_url,
            "RABBITMQ_URL": self.rabbitmq_url,
            **{f"{name.upper()}_URL": self.ports.url(name) for name in MODULES if name != "bff"},
        }
        ours = {"AUTH_JWT_SECRET": secrets.jwt, "SERVICE_SECRET": secrets.service}
        return DEFAULTS | ours | dict(self.environment) | addresses
