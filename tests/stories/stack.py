"""The whole system, run as a user runs it: `fruitstore up`, on ports and in a directory of its own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from schema.requests import SandboxLevers
from tests.ports import free_base
from tests.trust import ENVIRONMENT, trusted
from tests.waiting import until

QUICK = {
    "ORDER_PAYMENT_PATIENCE_SECONDS": "3",
    "ORDER_WATCH_SECONDS": "0.2",
    "PAYMENT_CHARGE_PATIENCE_SECONDS": "2",
    "BFF_BREAKER_RECOVERY_SECONDS": "1",
    "BFF_BREAKER_WINDOW_SECONDS": "5",
    "DELIVERY_SANDBOX": "false",
    "BFF_RATES": "false",
}
"""Shorter times, so that a story does not take a minute; nobody but the tests' courier delivers, and nobody
counts how often a customer comes."""

FIRST_LEVERS = SandboxLevers(latency_ms_min=10, latency_ms_max=30)


class Stack:
    """A running system, and what an operator could do to it."""

    def __init__(self, port: int, directory: Path) -> None:
        self.port = port
        self.directory = directory

    @property
    def log(self) -> Path:
        """What `fruitstore up` printed."""
        return self.directory.with_suffix(".log")

    @property
    def http(self) -> str:
        """The gateway."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def payment(self) -> str:
        """The payment service."""
        return f"http://127.0.0.1:{self.port + 2}"

    @property
    def delivery(self) -> str:
        """The delivery service."""
        return f"http://127.0.0.1:{self.port + 3}"

    def state(self) -> dict[str, Any]:
        """What stack.json says."""
        state: dict[str, Any] = json.loads((self.directory / "stack.json").read_text())
        return state

    def pid(self, part: str) -> int:
        """The process id of a part, as it runs now; 0 while it does not."""
        return int(self.state()["parts"][part]["pid"] or 0)

    def signal(self, part: str, number: signal.Signals) -> int:
        """Send a part a signal; its process id, as it was then."""
        pid = self.pid(part)
        assert pid, f"{part} is not running"
        os.killpg(pid, number)
        return pid

    def kill(self, part: str) -> int:
        """Kill a part outright; its process id was this."""
        return self.signal(part, signal.SIGKILL)

    @contextmanager
    def frozen(self, part: str) -> Iterator[None]:
        """Let a part do nothing at all while the body runs; its sockets stay open."""
        pid = self.signal(part, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(pid, signal.SIGCONT)

    def is_whole(self) -> bool:
        """Whether every part runs: none of them is being replaced just now."""
        return all(part["pid"] for part in self.state()["parts"].values())

    async def is_back(self, part: str, *, after: int) -> None:
        """Wait until a part runs as another process, and is ready."""
        await until(lambda: self.pid(part) not in {0, after}, timeout=30)
        await until(lambda: self.is_ready(part), timeout=30)

    async def is_ready(self, part: str) -> bool:
        """Whether a part says so."""
        return (await self.readiness(part)).get("ready", False) is True

    async def readiness(self, part: str) -> dict[str, Any]:
        """What a part says about its readiness; nothing while it does not answer."""
        url = f"{self.state()['parts'][part]['url']}/readyz"
        try:
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                said: dict[str, Any] = await response.json()
                return said
        except aiohttp.ClientError:
            return {}

    async def pull(self, **levers: Any) -> None:
        """Make the payment sandbox behave so; what is not named is as at first."""
        body = FIRST_LEVERS.model_copy(update=levers).model_dump(mode="json")
        url = f"{self.payment}/sandbox"
        async with (
            aiohttp.ClientSession(headers=trusted()) as session,
            session.put(url, json=body) as response,
        ):
            assert response.status == 200, await response.text()

    async def breaker(self) -> dict[str, Any]:
        """What the gateway's readiness says of the payment breaker."""
        said: dict[str, Any] = (await self.readiness("bff"))["dependencies"]["payment"]["breaker"]
        return said

    async def deliver(self, order_id: str) -> int:
        """Be the courier; the HTTP status."""
        url = f"{self.delivery}/deliveries/{order_id}/complete"
        async with aiohttp.ClientSession(headers=trusted()) as session, session.post(url) as response:
            return response.status

    async def metrics(self, part: str) -> dict[str, float]:
        """A part's metrics, by name and labels as they are written."""
        url = f"{self.state()['parts'][part]['url']}/metrics"
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            lines = (await response.text()).splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}


@asynccontextmanager
async def running(directory: Path, environment: Mapping[str, str] = {}) -> AsyncIterator[Stack]:
    """Run the system while the body runs; it stops as a user stops it, and leaves nothing behind."""
    stack = Stack(free_base(), directory)
    process = await _started(stack, {**os.environ, **QUICK, **ENVIRONMENT, **environment})
    try:
        await until(lambda: process.returncode is not None or _is_up(stack), timeout=120)
        assert process.returncode is None, stack.log.read_text()
        await stack.pull()
        yield stack
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0, stack.log.read_text()


async def _started(stack: Stack, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    command = Path(sys.executable).with_name("fruitstore")
    arguments = ("up", "--port", str(stack.port), "--directory", str(stack.directory))
    with stack.log.open("wb") as log:
        return await asyncio.create_subprocess_exec(
            command, *arguments, env=environment, stdout=log, stderr=asyncio.subprocess.STDOUT
        )


def _is_up(stack: Stack) -> bool:
    return (stack.directory / "stack.json").exists() and stack.state()["ready"]
