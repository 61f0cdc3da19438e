"""A gateway as a process of its own, at an address that it keeps when it is started again."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.bff.asking import SECRET
from tests.parts import Parts
from tests.ports import free_base
from tests.trust import ENVIRONMENT as TRUST
from tests.waiting import until

AS_AT_HOME = {
    "AUTH_JWT_SECRET": SECRET,
    "BFF_DEV_LOGIN": "true",
    "BFF_INTROSPECTION": "true",
    "BFF_IDE": "true",
    "BFF_RATES": "false",
    "BFF_CLOSE_SPREAD_SECONDS": "0.2",
    "BFF_PAYMENT_DEADLINE_MS": "1500",
    "PAYMENT_SANDBOX": "true",
    "LOG_LEVEL": "info",
}
"""As `make up` has it; but nobody counts how often a customer comes, what is closed is closed at once, and a
machine that stands still for a second makes no payment late."""


class Gateway:
    """A gateway that can be stopped, killed and started again."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.port = free_base()
        self.log = log
        self._environment = {**os.environ, **TRUST, **environment, "PORT": str(self.port)}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def http(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it is ready."""
        with self.log.open("ab") as said:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bff.app"), env=self._environment, stdout=said, stderr=said
            )
        await until(self._is_ready, timeout=60)

    async def stop(self) -> None:
        """End it as a deployment does."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End it outright."""
        await self._end(signal.SIGKILL)

    async def breaker(self) -> dict[str, Any]:
        """What its readiness says of the payment breaker."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.http}/readyz") as response:
            said: dict[str, Any] = await response.json()
        breaker: dict[str, Any] = said["dependencies"]["payment"]["breaker"]
        return breaker

    async def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)
            await self._process.wait()

    async def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, self.log.read_text()
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.http}/readyz") as response:
                said: dict[str, Any] = await response.json()
        except aiohttp.ClientError:
            return False
        return bool(said["ready"] and all(each["ok"] for each in said["dependencies"].values()))


@asynccontextmanager
async def running(parts: Parts, environment: Mapping[str, str], log: Path) -> AsyncIterator[Gateway]:
    """A gateway in front of running services; it is gone afterwards."""
    gateway = Gateway({**parts.addresses, **AS_AT_HOME, **environment}, log)
    try:
        await gateway.start()
        yield gateway
    finally:
        await gateway.stop()
