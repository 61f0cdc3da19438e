"""Another image of the same sources, and redeploying to it."""

import asyncio
import os
import uuid

from tests.compose.containers.engine import docker
from tests.compose.containers.stack import IMAGE, ROOT, Stack

SCRIPT = ROOT / "compose" / "redeploy.sh"

SECONDS = 600
"""How long all parts may take on a machine that does other things too."""


async def another_image() -> str:
    """The tag of an image like the one that is tested, but for its version."""
    version = uuid.uuid4().hex[:8]
    tag = f"{IMAGE}-{version}"
    network = os.environ.get("BUILD_NETWORK", "host")
    build = ("build", "--quiet", "--network", network, "--tag", tag, "--build-arg", f"VERSION={version}")
    await docker(*build, "--file", str(ROOT / "compose" / "Dockerfile"), str(ROOT), timeout=900)
    return tag


async def begun(stack: Stack, *words: str, **told: str) -> asyncio.subprocess.Process:
    """A redeploy that is under way; its output is one stream."""
    return await asyncio.create_subprocess_exec(
        *("sh", str(SCRIPT), *words),
        env=stack.environment | told,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def redeployed(stack: Stack, *words: str, **told: str) -> tuple[int, str]:
    """Redeploy; the exit status, and what was said."""
    process = await begun(stack, *words, **told)
    async with asyncio.timeout(SECONDS):
        said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def images(stack: Stack, service: str) -> set[str]:
    """The images that a service's containers are made of."""
    containers = await stack.containers(service)
    return set((await docker("inspect", "--format", "{{.Config.Image}}", *containers)).splitlines())
