import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.compose.standins import are_gone, family
from tests.ports import free_base
from tests.waiting import until

STACK = (sys.executable, "-m", "tests.compose.stack_of_standins")


class Stack:
    """A stack of stand-ins in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, directory: Path, base: int) -> None:
        self.process, self.directory, self.base = process, directory, base

    @property
    def state(self) -> dict[str, Any] | None:
        try:
            return json.loads((self.directory / "stack.json").read_text())  # type: ignore[no-any-return]
        except FileNotFoundError:
            return None

    def is_ready(self) -> bool:
        return bool(self.state and self.state["ready"])

    async def ended(self) -> tuple[int, str]:
        """The exit status, and everything it said."""
        said, _ = await asyncio.wait_for(self.process.communicate(), 30)
        assert self.process.returncode is not None
        return self.process.returncode, said.decode()


@asynccontextmanager
async def stack(directory: Path, *options: str, base: int | None = None) -> AsyncIterator[Stack]:
    base = base or free_base()
    process = await asyncio.create_subprocess_exec(
        *(*STACK, str(directory), str(base), *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Stack(process, directory, base)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_stops_everything_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    async with stack(tmp_path / "stack") as it:
        await until(it.is_ready)
        everything = family(it.process.pid)
        assert len(everything) == 3
        it.process.send_signal(number)
        status, said = await it.ended()
    assert status == 0
    assert said.endswith("Stopped.\n")
    assert are_gone(everything)
    assert it.state is None


async def test_a_supervisor_killed_outright_takes_everything_with_it(tmp_path: Path) -> None:
    async with stack(tmp_path) as it:
        await until(it.is_ready)
        everything = family(it.process.pid)
        it.process.kill()
        await until(lambda: are_gone(everything))


async def test_after_a_kill_the_next_stack_starts_in_the_same_place_at_once(tmp_path: Path) -> None:
    async with stack(tmp_path) as it:
        await until(it.is_ready)
        it.process.kill()
        await it.ended()
        async with stack(tmp_path, base=it.base) as other:
            await until(lambda: other.is_ready() and other.state["supervisor_pid"] == other.process.pid)  # type: ignore[index]


async def test_the_state_file_tells_what_runs_and_follows_restarts(tmp_path: Path) -> None:
    async with stack(tmp_path) as it:
        await until(it.is_ready)
        assert it.state
        assert it.state["supervisor_pid"] == it.process.pid
        assert it.state["directory"] == str(tmp_path)
        assert it.state["graphql_url"] == f"http://127.0.0.1:{it.base}/graphql"
        order = it.state["parts"]["order"]
        assert (order["port"], order["restarts"]) == (it.base + 1, 0)
        os.kill(order["pid"], signal.SIGKILL)
        await until(lambda: it.is_ready() and it.state["parts"]["order"]["restarts"] == 1)  # type: ignore[index]
        assert it.state["parts"]["order"]["pid"] != order["pid"]


async def test_what_dies_is_told_in_a_line_and_so_is_its_return(tmp_path: Path) -> None:
    async with stack(tmp_path) as it:
        await until(it.is_ready)
        assert it.state
        os.kill(it.state["parts"]["order"]["pid"], signal.SIGKILL)
        await until(lambda: it.is_ready() and it.state["parts"]["order"]["restarts"] == 1)  # type: ignore[index]
        it.process.terminate()
        _, said = await it.ended()
    assert "\norder died (signal 9), back in 0.2 s\norder is back\n" in said


async def test_where_the_pages_are_is_told(tmp_path: Path) -> None:
    async with stack(tmp_path) as it:
        await until(it.is_ready)
        it.process.terminate()
        _, said = await it.ended()
    for name, path in (("storefront", "/"), ("operations", "/ops"), ("GraphiQL", "/graphiql")):
        assert re.search(rf"^{name} +http://127\.0\.0\.1:{it.base}{path} *$", said, re.MULTILINE)


async def test_pages_that_cannot_be_built_stop_nothing_and_it_is_told_why(tmp_path: Path) -> None:
    async with stack(tmp_path, "--no-pages") as it:
        await until(it.is_ready)
        it.process.terminate()
        _, said = await it.ended()
    assert said.startswith("Building the pages…\n")
    assert "\nThere are no pages: get Node.\n" in said
    assert "storefront" not in said


async def test_it_can_be_stopped_while_the_pages_are_built(tmp_path: Path) -> None:
    async with stack(tmp_path, "--endless-pages") as it:
        assert it.process.stdout is not None
        assert await it.process.stdout.readline() == "Building the pages…\n".encode()
        it.process.terminate()
        assert await it.ended() == (0, "Stopped.\n")


async def test_two_stacks_run_side_by_side(tmp_path: Path) -> None:
    async with stack(tmp_path / "one") as one, stack(tmp_path / "other") as other:
        await until(lambda: one.is_ready() and other.is_ready())


async def test_a_folder_in_use_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async with stack(tmp_path) as it:
        await until(it.is_ready)
        async with stack(tmp_path) as other:
            status, said = await other.ended()
        assert status == 1
        assert said == (
            f"fruitstore: A stack is running in {tmp_path} already (process {it.process.pid}): "
            "stop it first, or choose another folder with --directory.\n"
        )
        assert it.is_ready()


async def test_a_taken_port_is_told_in_a_sentence(tmp_path: Path) -> None:
    async with stack(tmp_path / "one") as it:
        await until(it.is_ready)
        async with stack(tmp_path / "other", base=it.base) as other:
            status, said = await other.ended()
    assert status == 1
    assert said.startswith(f"fruitstore: Port {it.base} is taken by python")
    assert said.endswith("and bff needs it: stop what uses it, or choose another port with --port.\n")


async def test_the_reader_of_the_lines_may_go_away(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *(*STACK, str(tmp_path), str(free_base())), stdout=writing, stderr=asyncio.subprocess.PIPE
    )
    os.close(writing)
    os.close(reading)
    it = Stack(process, tmp_path, 0)
    await until(it.is_ready)
    process.terminate()
    _, complaints = await process.communicate()
    assert (process.returncode, complaints) == (0, b"")
