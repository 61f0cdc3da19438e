"""Scripts that run on Node, with the clients that front ends use."""

import asyncio
import fcntl
import hashlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
STAMP = MODULES / ".installed"
NPM = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")

Json = dict[str, Any]


class Node:
    """A script that runs. It says JSON, a line each; whoever runs it may say something to it, too."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def hears(self, seconds: float = 30) -> Json:
        """The next thing that the script says. Raises AssertionError where it ends, or is silent so long."""
        assert self._process.stdout is not None
        async with asyncio.timeout(seconds):
            line = await self._process.stdout.readline()
        if not line:
            raise AssertionError(f"the script has ended: {await self._complaint()}")
        said: Json = json.loads(line)
        return said

    async def says(self, line: str) -> None:
        """Give the script a line to read."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()

    async def rest(self, seconds: float = 60) -> list[Json]:
        """All that it still says until it ends well."""
        async with asyncio.timeout(seconds):
            said, complaint = await self._process.communicate()
        assert self._process.returncode == 0, complaint.decode()
        return [json.loads(line) for line in said.splitlines()]

    async def _complaint(self) -> str:
        assert self._process.stderr is not None
        return (await self._process.stderr.read()).decode()


@asynccontextmanager
async def running_node(script: str, *arguments: str) -> AsyncIterator[Node]:
    """A script of this directory, running beside the body; killed where it has not ended with it."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *("node", script, *arguments), cwd=HERE, stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        yield Node(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def run_node(script: str, *arguments: str, seconds: float = 60) -> list[Json]:
    """Run a script of this directory to its end; what it said."""
    async with running_node(script, *arguments) as node:
        return await node.rest(seconds)


def install_clients() -> None:
    """Have npm install what the lock names, once per content of the lock. Raises AssertionError."""
    assert shutil.which("node"), _missing("node")
    assert shutil.which("npm"), _missing("npm")
    with _alone():
        if STAMP.exists() and STAMP.read_text() == _fingerprint():
            return
        done = subprocess.run(NPM, cwd=HERE, capture_output=True, text=True, check=False)  # noqa: S603
        assert done.returncode == 0, f"npm could not install the clients that tests use: {done.stderr}"
        STAMP.write_text(_fingerprint())


def _missing(program: str) -> str:
    return f"There is no {program} here, and tests of clients need it: run `fruitstore install --for-tests`."


def _fingerprint() -> str:
    return hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other run of the tests installs here."""
    with (HERE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
