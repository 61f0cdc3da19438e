"""Runs a whole stack in the foreground, until told to stop."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from compose import install, preflight, state
from compose.directory import Directory, claimed
from compose.program import Program
from compose.screen import Screen
from compose.supervisor import Supervisor
from compose.topology import Topology
from compose.trouble import Trouble

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

SETTLING = 3.0
"""Seconds RabbitMQ may take to have everything on disk; with the data of an earlier run it takes none."""


Pages = Callable[[Callable[[str], None]], Awaitable[None]]
"""Has the pages built, saying how that goes. Raises Trouble."""


def up(topology: Topology, *, fresh: bool, screen: Screen, pages: Pages | None = None) -> None:
    """Check, start, and keep the stack running until SIGINT, SIGTERM or SIGHUP. Raises Trouble."""
    with claimed(topology.directory, fresh=fresh) as directory:
        wanted = topology.wanted_ports()
        preflight.enough_space(directory.path)
        preflight.free_ports(wanted)
        install.have(wanted, screen.say)
        pages = pages if topology.shows_pages() else None
        asyncio.run(_Run(topology, directory, screen, pages).until_told_to_stop())


class _Run:
    """One run of a stack; hears from its supervisor, and tells the screen and the state file."""

    def __init__(self, topology: Topology, directory: Directory, screen: Screen, pages: Pages | None) -> None:
        programs = topology.programs(directory.secrets())
        self._supervisor = Supervisor(programs, directory.logs, self)
        self._topology, self._directory, self._screen = topology, directory, screen
        self._pages, self._without_pages = pages, ""
        self._began = time.monotonic()
        self._told = asyncio.Event()
        self._complete = False

    async def until_told_to_stop(self) -> None:
        """The whole run."""
        await preflight.reachable(self._topology.environment)
        self._listen_for_signals()
        await self._first({self._build_pages(), self._told.wait()})
        if not self._told.is_set():
            async with self._supervisor.running():
                await self._first({self._live(), self._told.wait()})
                self._stopping()
        self._screen.say("Stopped.")

    def died(self, program: Program, how: str, delay: float) -> None:
        """Say so, and keep the state file true."""
        self._screen.say(f"{program.name} died ({how}), back in {delay:g} s")
        self._note()

    def became_ready(self, program: Program, restarts: int) -> None:
        """Say so, and keep the state file true."""
        took = time.monotonic() - self._began
        self._screen.say(f"{program.name} is back" if restarts else f"{program.name} is ready ({took:.1f} s)")
        self._note()

    async def _build_pages(self) -> None:
        """Have them there before the gateway is; that they cannot be built stops nothing else."""
        try:
            if self._pages is not None:
                await self._pages(self._screen.say)
        except Trouble as trouble:
            self._without_pages = str(trouble)

    async def _live(self) -> None:
        """Start everything, show what there is, and go on; ends only in Trouble."""
        with self._screen.busy("Starting…"):
            await self._supervisor.until_ready()
            await self._until_settled()
        self._complete = True
        self._note()
        took = time.monotonic() - self._began
        self._screen.addresses(self._topology, self._directory.logs, took, self._without_pages)
        await self._supervisor.until_trouble()

    async def _until_settled(self) -> None:
        """Give RabbitMQ a moment to write down the queues that the parts have just declared."""
        for _ in range(int(SETTLING / 0.05)):
            if self._topology.settled():
                break
            await asyncio.sleep(0.05)

    async def _first(self, ways_on: set[Coroutine[Any, Any, object]]) -> None:
        """Wait for whichever comes first, and raise what it raises."""
        tasks = {asyncio.create_task(way) for way in ways_on}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()

    def _stopping(self) -> None:
        self._complete = False
        self._directory.state.unlink(missing_ok=True)
        self._screen.say("Stopping (Ctrl-C again to hurry)…")

    def _note(self) -> None:
        """Bring the state file up to date; a full disk does not bring the stack down."""
        if self._complete:
            try:
                state.write(self._directory, self._topology, self._supervisor)
            except OSError as error:
                self._screen.say(f"Cannot write {self._directory.state} ({error.strerror}).")

    def _listen_for_signals(self) -> None:
        """Stop on the first signal, hurry on the second. Under nohup a closed terminal is none."""
        for number in SIGNALS:
            if not (number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN):
                asyncio.get_running_loop().add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        (self._supervisor.hurry if self._told.is_set() else self._told).set()
