"""fruitstore profile: what a part that runs does, and one sentence where it cannot be seen."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from typer.testing import CliRunner, Result

from compose.cli import app
from compose.profiling import recording
from compose.profiling.flame import FORMS
from compose.profiling.stacks import Function, Stacks
from compose.topology import MODULES
from tests.stories.stack import Stack, running

SEEN = ["main (app.py:3);work (app.py:7) 3", "main (app.py:4);work (app.py:9) 1", "main (app.py:4) 2"]


def profile(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["profile", *arguments])


def trouble(*arguments: str) -> str:
    result = profile(*arguments)
    assert result.exit_code == 1, result.output
    return result.output


@pytest.fixture
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The running system."""
    async with running(tmp_path_factory.mktemp("profile") / "stack") as stack:
        yield stack


@contextlib.asynccontextmanager
async def asked(url: str) -> AsyncIterator[None]:
    """A part that has something to do meanwhile."""

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"{url}/metrics") as response:
                    await response.read()

    asking = asyncio.create_task(ask())
    yield
    asking.cancel()


async def test_a_running_part_is_drawn(stack: Stack, tmp_path: Path) -> None:
    part = stack.state()["parts"]["bff"]
    file = tmp_path / "bff.svg"
    async with asked(part["url"]):
        result = await asyncio.to_thread(
            profile, "bff", "--seconds", "3", "--output", str(file), "--directory", str(stack.directory)
        )
    assert result.exit_code == 0, result.output
    assert f"Looking at bff (process {part['pid']}) for 3 s." in result.output
    assert "and what it called" in result.output
    assert "serve (services/chassis/serve.py)" in file.read_text()
    os.kill(part["pid"], 0)  # it goes on


def test_samples_are_summed_up_by_function() -> None:
    stacks = Stacks.read(SEEN)
    assert stacks.samples == 6
    assert stacks.functions() == [Function("work (app.py)", 4, 4), Function("main (app.py)", 2, 6)]


@pytest.mark.parametrize("suffix", FORMS)
def test_each_form_names_what_was_seen(suffix: str) -> None:
    drawn = FORMS[suffix](Stacks.read([*SEEN, "<module> (app.py:1) 1"]), "bff & others")
    assert "work (app.py)" in drawn
    assert suffix == ".txt" or "bff &amp; others" in drawn
    assert suffix == ".txt" or "&lt;module&gt; (app.py): 1 samples, 14.3 %" in drawn


def test_what_was_never_seen_is_drawn_too() -> None:
    assert "<svg" in FORMS[".svg"](Stacks.read([]), "nothing")


def a_stack(directory: Path, pid: int | None) -> str:
    (directory / "stack.json").write_text(json.dumps({"parts": {"bff": {"pid": pid}}}))
    return str(directory)


def test_where_nothing_runs(tmp_path: Path) -> None:
    assert "No stack is running" in trouble("bff", "--directory", str(tmp_path))


def test_where_there_is_no_such_part(tmp_path: Path) -> None:
    assert f"the parts are {', '.join(MODULES)}" in trouble("fruit", "--directory", str(tmp_path))
    assert "runs without order" in trouble("order", "--directory", a_stack(tmp_path, 1))
    assert "bff is down at the moment" in trouble("bff", "--directory", a_stack(tmp_path, None))


def test_where_the_file_says_no_format(tmp_path: Path) -> None:
    assert "ends in .svg, .html, .txt" in trouble("bff", "--output", str(tmp_path / "bff.png"))
    assert "there is no folder" in trouble("bff", "--output", str(tmp_path / "nowhere" / "bff.svg"))


def test_where_the_part_has_ended(tmp_path: Path) -> None:
    assert "has ended" in trouble("bff", "--directory", a_stack(tmp_path, 2**22 + 1))


def test_where_it_is_not_permitted() -> None:
    said = recording._why(
        recording.Wish("bff", 7, 1), "Error: Permission Denied: Try running again with sudo"
    )
    assert "(process 7) is not permitted" in said


def test_where_py_spy_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert "py-spy is not installed" in trouble("bff", "--directory", a_stack(tmp_path, os.getpid()))
