"""The four services, each a process of its own, on servers that run already."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiohttp

from compose.topology import MODULES
from schema.rebuild import Rebuild
from tests.ports import free_base
from tests.trust import ENVIRONMENT, trusted
from tests.waiting import until

NOBODY_PAYS = {"ORDER_PAYMENT_PATIENCE_SECONDS": "3600"}
"""Orders placed beside the gateway stay unpaid."""

NAMES = ("order", "payment", "delivery", "mypage")


class Parts:
    """Running services, found by name; `session` asks them."""

    def __init__(
        self, session: aiohttp.ClientSession, environment: Mapping[str, str], said: int | None = None
    ) -> None:
        self.session = session
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        base = free_base()
        self.urls = {name: f"http://127.0.0.1:{base + number}" for number, name in enumerate(NAMES)}
        self.addresses = {f"{name.upper()}_URL": url for name, url in self.urls.items()}
        self._environment = environment
        self._said = said

    async def start(self, *names: str) -> None:
        """Start them, and wait until they are ready."""
        for name in names:
            told = {"PORT": self.urls[name].rsplit(":", 1)[1], "LOG_LEVEL": "warning"} | NOBODY_PAYS
            self.processes[name] = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", MODULES[name]),
                env={**os.environ, **self._environment, **self.addresses, **told},
                stdout=self._said,
                stderr=self._said,
            )
        for name in names:
            await until(partial(self._is_ready, name), timeout=60)

    async def kill(self, name: str) -> None:
        """End one outright."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        await process.wait()

    async def stop(self) -> None:
        """End all as they should."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            await process.wait()

    async def place(self, customer_id: str, key: str) -> str:
        """Place an order; its id."""
        command = {"customer_id": customer_id, "idempotency_key": key, "fruit_id": "apple"}
        rest = {"quantity": 1, "address": "서울", "payment_method": "card-ok"}
        async with self.session.post(f"{self.urls['order']}/orders", json=command | rest) as response:
            assert response.status == 201, await response.text()
            said = await response.json()
        return str(said["order_id"])

    async def complete(self, order_id: str) -> int:
        """Be the courier; the HTTP status."""
        url = f"{self.urls['delivery']}/deliveries/{order_id}/complete"
        async with self.session.post(url) as response:
            return response.status

    async def rebuild(self, **command: bool) -> int:
        """Have the pages rebuilt; the HTTP status."""
        async with self.session.post(f"{self.urls['mypage']}/rebuild", json=command) as response:
            return response.status

    async def rebuilding(self) -> Rebuild:
        """How far that is."""
        async with self.session.get(f"{self.urls['mypage']}/rebuild") as response:
            return Rebuild.model_validate_json(await response.read())

    async def rebuilt(self, timeout: float = 60) -> Rebuild:  # noqa: ASYNC109 # it ends in until's words
        """How it ended."""

        async def end() -> Rebuild | None:
            seen = await self.rebuilding()
            return seen if seen.ended else None

        seen: Rebuild = await until(end, timeout=timeout, every=0.1)
        return seen

    async def _is_ready(self, name: str) -> bool:
        process = self.processes[name]
        assert process.returncode is None, f"{name} ended with {process.returncode}"
        try:
            async with self.session.get(f"{self.urls[name]}/readyz") as response:
                said: dict[str, Any] = await response.json()
        except aiohttp.ClientError:
            return False
        return bool(said["ready"] and said["dependencies"]["rabbitmq"]["ok"])


@asynccontextmanager
async def running(
    mongo_url: str,
    rabbitmq_url: str,
    prefix: str,
    said: int | None = None,
    environment: Mapping[str, str] = {},
) -> AsyncIterator[Parts]:
    """All four, ready; nothing of them is left behind. `said` is where their logs go."""
    servers = {"MONGO_URL": mongo_url, "RABBITMQ_URL": rabbitmq_url, "MONGO_DATABASE_PREFIX": prefix}
    async with aiohttp.ClientSession(headers=trusted()) as session:
        parts = Parts(session, {**servers, **ENVIRONMENT, **environment}, said)
        try:
            await parts.start(*NAMES)
            yield parts
        finally:
            await parts.stop()
