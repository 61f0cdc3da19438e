"""One whole system in containers, under a project name of its own."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.compose.containers.engine import docker
from tests.ports import free_base
from tests.stories.customer import APPLES, PLACE, Caller, Json
from tests.waiting import until

ROOT = Path(__file__).parents[3]
FILE = ROOT / "compose" / "compose.yaml"
IMAGE = os.environ.get("FRUITSTORE_TEST_IMAGE", "fruitstore:test")

UP_SECONDS = 240
"""How long bringing it up may take on a machine that does other things too."""


@dataclass
class Stack:
    """A system that runs. `told` is what its operator says in the environment."""

    project: str
    secrets: Path
    port: int
    told: dict[str, str] = field(default_factory=dict)
    took: float = 0
    """Seconds until it was up for the first time."""
    image: str = IMAGE

    @property
    def url(self) -> str:
        """The edge."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What `docker compose` is told."""
        env = self.secrets.with_suffix(".env")
        text = "".join(f"{name}={value}\n" for name, value in self.told.items())
        if not env.exists() or env.read_text() != text:  # a redeploy that is under way may be reading it
            env.write_text(text)
        ours = {
            "FRUITSTORE_ENV": str(env),
            "FRUITSTORE_PROJECT": self.project,
            "FRUITSTORE_IMAGE": self.image,
            "FRUITSTORE_SECRETS": str(self.secrets),
            "FRUITSTORE_PORT": str(self.port),
            "FRUITSTORE_TLS_PORT": str(self.port + 1),
        }
        return {**os.environ, **ours, **self.told}

    async def compose(self, *arguments: str, timeout: float = UP_SECONDS) -> str:  # noqa: ASYNC109 # the engine's
        """`docker compose` with these arguments. Raises EngineError."""
        return await docker(
            "compose", "--file", str(FILE), *arguments, environment=self.environment, timeout=timeout
        )

    async def up(self, *services: str) -> None:
        """Bring it up, or these of it, and wait until they are well. Raises EngineError."""
        await self.compose("up", "--detach", "--wait", *services)

    async def down(self) -> None:
        """Take it away, and its data."""
        await self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")

    async def containers(self, service: str) -> list[str]:
        """The ids of a service's containers that run."""
        return (await self.compose("ps", "--quiet", service)).split()

    async def kill(self, container: str, with_signal: int = signal.SIGKILL) -> None:
        """End its process outright: its restart policy decides what then, unlike after `docker kill`."""
        os.kill(int(await docker("inspect", "--format", "{{.State.Pid}}", container)), with_signal)

    async def is_well(self, container: str) -> bool:
        """Whether the engine finds it healthy."""
        return await docker("inspect", "--format", "{{.State.Health.Status}}", container) == "healthy"

    async def are_well(self) -> bool:
        """Whether all that has a health check is healthy, and all that should run does."""
        seen = [json.loads(line) for line in (await self.compose("ps", "--format", "json")).splitlines()]
        return bool(seen) and all(each["State"] == "running" and each["Health"] == "healthy" for each in seen)

    async def logs(self, *services: str) -> str:
        """What they said."""
        return await self.compose("logs", "--no-color", *services)

    @asynccontextmanager
    async def customer(
        self, customer_id: str, url: str = "", **session_options: Any
    ) -> AsyncIterator["Customer"]:
        """Somebody who is signed in, at the edge where no other `url` is said."""
        async with aiohttp.ClientSession(url or self.url, **session_options) as session:
            async with session.post("/dev/token", json={"customerId": customer_id}) as response:
                token = (await response.json())["token"]
            session.headers["authorization"] = f"Bearer {token}"
            yield Customer(url or self.url, session, customer_id, token)


class Customer(Caller):
    """Somebody who asks through the edge."""

    def __init__(self, url: str, session: aiohttp.ClientSession, name: str, token: str) -> None:
        super().__init__(url, session, name, token)
        self.session = session

    async def asks(self, query: str, **variables: Any) -> Json:
        """The data. Raises AssertionError for anything but a good answer."""
        return await self.data(query, variables)

    async def intends(self, key: str, **changes: Any) -> Json:
        """Order under a key, which the edge is told as well, so that it may ask again; the outcome."""
        command = {"input": {**APPLES, **changes, "idempotencyKey": key}}
        outcome: Json = (await self.data(PLACE, command, **{"Idempotency-Key": key}))["placeOrder"]
        return outcome


async def built() -> None:
    """Build the image that is tested, from what is checked out here."""
    network = os.environ.get("BUILD_NETWORK", "host")
    build = ("build", "--quiet", "--network", network, "--tag", IMAGE)
    await docker(*build, "--file", str(ROOT / "compose" / "Dockerfile"), str(ROOT), timeout=900)


@asynccontextmanager
async def running(project: str, secrets: Path, **told: str) -> AsyncIterator[Stack]:
    """A system with development's conveniences; taken away with its volumes at the end."""
    process = await _secrets(secrets)
    assert process == 0
    conveniences = {"BFF_DEV_LOGIN": "true", "PAYMENT_SANDBOX": "true", "DELIVERY_SANDBOX": "true"}
    rates = {"BFF_RATES": "false"}
    stack = Stack(project, secrets, free_base(), {**conveniences, **rates, **told})
    try:
        began = time.monotonic()
        await stack.up()
        stack.took = time.monotonic() - began
        await until(stack.are_well, timeout=60, every=0.5)
        yield stack
    finally:
        await stack.down()


async def _secrets(folder: Path) -> int:
    script = ROOT / "compose" / "secrets.sh"
    process = await asyncio.create_subprocess_exec("sh", str(script), str(folder))
    return await process.wait()
