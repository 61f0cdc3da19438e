"""The container engine, asked by its own command."""

import asyncio
import shutil
import subprocess
from functools import cache


class EngineError(Exception):
    """A command that did not do what it should, and what it said."""


@cache
def why_not() -> str | None:
    """Why there can be no containers here, in a sentence; None where there can."""
    if shutil.which("docker") is None:
        return "There is no container engine here: install Docker with Compose v2 to run these tests."
    for command, lack in (
        (("docker", "info"), "Docker's engine does not run"),
        (("docker", "compose", "version"), "Docker has no Compose v2"),
    ):
        if subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603
            return f"{lack} here: these tests need it."
    return None


async def docker(
    *arguments: str,
    environment: dict[str, str] | None = None,
    timeout: float = 120,  # noqa: ASYNC109 # the command's
    both: bool = False,
) -> str:
    """What the command says, and where `both` are wanted what it complains of, too.

    Raises EngineError with what it complained of, TimeoutError.
    """
    process = await asyncio.create_subprocess_exec(
        *("docker", *arguments),
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(timeout):
            said, complained = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise EngineError(f"docker {' '.join(arguments)}: {complained.decode() or said.decode()}")
    return (said + complained if both else said).decode().strip()
