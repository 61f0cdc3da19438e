"""A running program: started on a leash in its own process group, and stopped with everything it started."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from compose.program import Program

LEASH = Path(__file__).with_name("leash.py")


def leashed(*command: str, niceness: int = 0) -> tuple[str, ...]:
    """The command that runs another one on a leash of this process, and as nice."""
    return (sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(niceness), *command)


class Child:
    """A program that has been started."""

    def __init__(self, program: Program, process: asyncio.subprocess.Process) -> None:
        self._program = program
        self._process = process

    @classmethod
    async def start(cls, program: Program, log: Path) -> "Child":
        """Start the program; what it says is added to the log.

        It gets a process group of its own, so that a Ctrl-C in the terminal reaches the supervisor alone, and
        a leash (see compose/leash.py), so that it never outlives the supervisor.
        """
        with log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                *leashed(*program.command, niceness=program.niceness),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=program.directory,
                env=dict(program.environment),
                process_group=0,
            )
        return cls(program, process)

    @property
    def pid(self) -> int:
        """The program's process id, which is also its process group."""
        return self._process.pid

    async def wait(self) -> int:
        """Wait for the end: the exit status, or minus the signal. Whatever it left in its group is killed."""
        status = await self._process.wait()
        self.signal(signal.SIGKILL)
        return status

    def signal(self, what: signal.Signals) -> None:
        """Send a signal to the whole process group; a group that is gone already is fine."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, what)

    async def stop(self, hurry: asyncio.Event) -> int:
        """Ask it to stop; when its grace is over, or there is a hurry, kill it. Returns how it ended."""
        self.signal(signal.SIGTERM)
        ended = asyncio.create_task(self.wait())
        hurried = asyncio.create_task(hurry.wait())
        await asyncio.wait({ended, hurried}, timeout=self._program.grace, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not ended.done():
            self.signal(signal.SIGKILL)
        return await ended


def ending(status: int) -> str:
    """How a program ended, in words: `exit 3`, `signal 9`."""
    return f"exit {status}" if status >= 0 else f"signal {-status}"
