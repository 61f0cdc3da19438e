"""What is attacked: a gateway as a process of its own, with the real services behind it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from tests.bff.asking import SECRET, Gateway
from tests.hostile.attacks import FOREIGN_ORDER, HOST, TOKEN, Scene
from tests.hostile.corpus_tokens import place
from tests.hostile.forged import SECRET_TOKENS, signed
from tests.parts import Parts
from tests.parts import running as running_parts
from tests.ports import free_base
from tests.trust import ENVIRONMENT as TRUST
from tests.waiting import until

MARK = "서울 은평구 은밀한길 42"
"""Where another customer lives: nobody else must ever read it."""

OPEN = {
    "AUTH_JWT_SECRET": SECRET,
    "BFF_DEV_LOGIN": "false",
    "BFF_PAYMENT_DEADLINE_MS": "5000",
    "BFF_ORDER_TIMEOUT_MS": "9000",
    "BFF_RATES": "false",
    "BFF_FRAMES_PER_SECOND": "10000",
    "BFF_BODY_SECONDS": "3",
    "BFF_ALLOWED_ORIGINS": '["https://shop.example"]',
    "PAYMENT_SANDBOX_LATENCY_MS_MIN": "1",
    "PAYMENT_SANDBOX_LATENCY_MS_MAX": "3",
}
"""Settings of a gateway that is attacked from one address more often than it would let anybody."""

PLACE = """mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) { __typename ... on OrderPlaced { order { id } } }
}"""


class Target(Gateway):
    """A running gateway, and what can be seen of it from outside."""

    def __init__(
        self, port: int, session: aiohttp.ClientSession, log: Path, process: asyncio.subprocess.Process
    ) -> None:
        super().__init__(f"127.0.0.1:{port}", session)
        self.port = port
        self.log = log
        self._process = process

    @property
    def rss(self) -> int:
        """Its memory, in bytes."""
        return int(psutil.Process(self._process.pid).memory_info().rss)

    @property
    def connections(self) -> int:
        """How many TCP connections to its door are open."""
        every = psutil.Process(self._process.pid).net_connections("tcp")
        return sum(each.status == psutil.CONN_ESTABLISHED and each.laddr.port == self.port for each in every)

    async def left(self) -> dict[str, int]:
        """Its tasks, by what they run."""
        _, _, body = await self.ask("GET", "/left")
        tasks: dict[str, int] = json.loads(body)
        return tasks

    async def as_customer(self, name: str, query: str, variables: Mapping[str, Any] = {}) -> Any:
        """An operation of a customer's that goes well; its data."""
        headers = {"authorization": f"Bearer {signed(SECRET, sub=name)}"}
        body = {"query": query, "variables": variables}
        _, _, answer = await self.ask("POST", "/graphql", json=body, headers=headers)
        said = json.loads(answer)
        assert "errors" not in said, said
        return said["data"]

    async def placed(self, customer: str, **changes: Any) -> str:
        """An order of a customer's; its id."""
        command = {"fruitId": "apple", "quantity": 1, "address": "서울", **changes}
        outcome = (await self.as_customer(customer, PLACE, {"input": command}))["placeOrder"]
        assert outcome["__typename"] == "OrderPlaced", outcome
        order_id: str = outcome["order"]["id"]
        return order_id

    async def scene(self) -> Scene:
        """The places in attacks, filled: there is another customer, with an order that is not ours."""
        order_id = await self.placed("customer-2", address=MARK)
        forged = {place(name).encode(): make(SECRET).encode() for name, make in SECRET_TOKENS.items()}
        good = signed(SECRET, sub="customer-1").encode()
        ours = {HOST: self.address.encode(), TOKEN: good, FOREIGN_ORDER.encode(): order_id.encode()}
        return Scene(self.port, ours | forged)


@asynccontextmanager
async def running(
    mongo_url: str, rabbitmq_url: str, prefix: str, log: Path, environment: Mapping[str, str] = {}
) -> AsyncIterator[Target]:
    """The services and the gateway, ready; nothing of them is left behind."""
    with log.with_suffix(".services").open("wb") as said:
        async with running_parts(mongo_url, rabbitmq_url, prefix, said.fileno()) as parts:
            servers = {"MONGO_URL": mongo_url, "RABBITMQ_URL": rabbitmq_url, "MONGO_DATABASE_PREFIX": prefix}
            async with gateway(parts, {**OPEN, **servers, **environment}, log) as target:
                yield target


@asynccontextmanager
async def gateway(parts: Parts, environment: Mapping[str, str], log: Path) -> AsyncIterator[Target]:
    """A gateway in front of running services."""
    port = free_base()
    told = {**os.environ, **TRUST, **parts.addresses, "LOG_LEVEL": "info", **environment, "PORT": str(port)}
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.hostile.served"), env=told, stdout=said, stderr=said
        )
    async with aiohttp.ClientSession() as session:
        target = Target(port, session, log, process)
        try:
            await until(lambda: _is_ready(target), timeout=60)
            yield target
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def _is_ready(target: Target) -> bool:
    assert target._process.returncode is None, target.log.read_text()
    try:
        _, said = await target.readiness()
    except aiohttp.ClientError:
        return False
    return bool(said["ready"] and all(each["ok"] for each in said["dependencies"].values()))
