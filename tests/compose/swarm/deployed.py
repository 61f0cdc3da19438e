"""The same system on a swarm of this one machine."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.compose.containers.engine import EngineError, docker
from tests.compose.containers.stack import IMAGE, ROOT, Stack, _secrets
from tests.ports import free_base
from tests.waiting import until

FILE = ROOT / "compose" / "stack.yaml"
PARTS = ("bff", "order", "payment", "delivery", "mypage")
BRIDGE = "docker_gwbridge"
"""The network by which a swarm's containers reach the outside; the engine leaves it behind."""

CONVERGES_SECONDS = 240
"""How long a deployment may take on a machine that does other things too."""


class Swarm(Stack):
    """A stack that was deployed."""

    async def deploy(self, image: str) -> None:
        """Deploy it with this image; Swarm goes on by itself. Raises EngineError."""
        told = {**self.environment, "FRUITSTORE_IMAGE": image}
        await docker(
            *("stack", "deploy", "--resolve-image", "never", "--compose-file", str(FILE), self.project),
            environment=told,
        )

    async def services(self) -> dict[str, Any]:
        """What Swarm knows of each service."""
        ids = (await docker("stack", "services", "--quiet", self.project)).split()
        seen: list[Any] = json.loads(await docker("service", "inspect", *ids))
        return {each["Spec"]["Name"].removeprefix(f"{self.project}_"): each for each in seen}

    async def images(self) -> set[str]:
        """Those that the parts are to run."""
        seen = await self.services()
        return {seen[part]["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"] for part in PARTS}

    async def is_updated(self) -> bool:
        """Whether all parts have been brought up to date."""
        return await self._updates() == {"completed"}

    async def is_taken_back(self) -> bool:
        """Whether an update failed, and all parts are what they were before."""
        return await self._updates() == {"rollback_completed"}

    async def _updates(self) -> set[str]:
        seen = await self.services()
        return {seen[part].get("UpdateStatus", {}).get("State", "none") for part in PARTS}

    async def is_complete(self) -> bool:
        """Whether every service has all of its replicas, and every job has done its work."""
        said = await docker("stack", "services", "--format", "{{.Replicas}}", self.project)
        counts = re.findall(r"^(?:.*\()?(\d+)/(\d+)", said, re.MULTILINE)  # 2/2; a job: 0/1 (1/1 completed)
        return all(there == wanted for there, wanted in counts)

    async def failed(self) -> list[str]:
        """The parts' tasks that ended otherwise than they were told to, and why."""
        said = await self._tasks("{{.Name}} {{.CurrentState}} {{.Error}}")
        return [line for line in said if line.split()[1] in {"Failed", "Rejected"}]

    async def running(self) -> set[str]:
        """The ids of the parts' tasks that are to run."""
        return set(await self._tasks("{{.ID}}", "--filter", "desired-state=running"))

    async def _tasks(self, form: str, *options: str) -> list[str]:
        parts = [f"{self.project}_{part}" for part in PARTS]
        return (await docker("service", "ps", "--format", form, *options, *parts)).splitlines()

    async def down(self) -> None:
        """Take it away, and its data."""
        mine = f"label=com.docker.stack.namespace={self.project}"
        await until(self._is_removed, timeout=120, every=1)

        async def left(what: str, *options: str) -> list[str]:
            return (await docker(*what.split(), "ls", "--quiet", *options, "--filter", mine)).split()

        async def ended() -> bool:
            return not await left("container")

        await until(ended, timeout=120, every=1)

        async def swept() -> bool:
            jobs = await left("container", "--all")
            with suppress(EngineError):  # Swarm sweeps, too, and not always is first
                await docker("container", "rm", "--force", *jobs)
            return not jobs

        await until(swept, timeout=60, every=0.5)
        if volumes := await left("volume"):
            await docker("volume", "rm", *volumes)

    async def _is_removed(self) -> bool:
        """Whether Swarm has forgotten it, networks included, which are in use for as long as a task ends."""
        try:
            await docker("stack", "rm", self.project)
        except EngineError:
            return False
        return True


@asynccontextmanager
async def deployed(project: str, secrets: Path, **told: str) -> AsyncIterator[Swarm]:
    """A swarm of this machine, and the system in it; both are gone in the end."""
    assert await _secrets(secrets) == 0
    swarm = Swarm(project, secrets, free_base(), told)
    async with _of_this_machine():
        try:
            await swarm.deploy(IMAGE)
            await until(swarm.is_complete, timeout=CONVERGES_SECONDS, every=1)
            yield swarm
        finally:
            await swarm.down()


@asynccontextmanager
async def _of_this_machine() -> AsyncIterator[None]:
    if await docker("info", "--format", "{{.Swarm.LocalNodeState}}") != "inactive":
        pytest.skip("The engine is in a swarm already: these tests begin one of their own.")
    bridged = BRIDGE in (await docker("network", "ls", "--format", "{{.Name}}")).split()
    loopback = ("--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1")
    try:
        await docker("swarm", "init", *loopback)
    except EngineError as error:
        pytest.skip(f"The engine cannot begin a swarm: {error}")
    try:
        node = await docker("node", "ls", "--quiet")
        labels = ("--label-add", "fruitstore.data=true", "--label-add", "fruitstore.edge=true")
        await docker("node", "update", *labels, node)
        yield
    finally:
        await docker("swarm", "leave", "--force")
        if not bridged:
            with suppress(EngineError):
                await docker("network", "rm", BRIDGE)
