"""Looks at a part that runs, with py-spy."""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from compose.topology import MODULES
from compose.trouble import Trouble

RATE: Final = 100
"""Samples a second."""

LONGER_SECONDS: Final = 30.0
"""By so much a look may take longer than was asked for."""


@dataclass(frozen=True)
class Wish:
    """What is to be looked at, and for how long."""

    part: str
    pid: int
    seconds: float


def pid_of(part: str, directory: Path) -> int:
    """The process of a part that the stack in this directory runs. Raises Trouble."""
    if part not in MODULES:
        raise Trouble(f"There is no part {part}: the parts are {', '.join(MODULES)}.")
    try:
        state: Any = json.loads((directory / "stack.json").read_text())
        pid = state["parts"][part]["pid"]
    except (OSError, ValueError) as error:
        raise Trouble(
            f"No stack is running in {directory}: start one with make up,"
            " or name its folder with --directory."
        ) from error
    except (LookupError, TypeError) as error:
        raise Trouble(f"The stack in {directory} runs without {part}.") from error
    if not isinstance(pid, int):
        raise Trouble(f"{part} is down at the moment: the stack starts it again by itself.")
    return pid


def recorded(wish: Wish) -> list[str]:
    """Stacks with their counts, a line each. Raises Trouble."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stacks"
        process = subprocess.Popen(  # noqa: S603 # our own arguments
            [_py_spy(), "record", *_options(wish), "--output", str(file)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            _watch(process, wish)
            _, complaint = process.communicate(timeout=LONGER_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise Trouble(f"py-spy does not come to an end with {wish.part}.") from error
        finally:
            process.kill()
            process.wait()
        if process.returncode or not file.exists():
            raise Trouble(_why(wish, complaint))
        return file.read_text().splitlines()


def _options(wish: Wish) -> list[str]:
    """What holds the interpreter counts, so that waiting does not, in whatever it waits."""
    return [
        *("--pid", str(wish.pid), "--duration", f"{max(1, round(wish.seconds))}"),
        *("--rate", str(RATE), "--format", "raw", "--gil", "--nonblocking"),
    ]


def _py_spy() -> str:
    beside = Path(sys.executable).with_name("py-spy")
    if not beside.exists():
        raise Trouble("py-spy is not installed: run make check, which installs it, or pip install py-spy.")
    return str(beside)


def _watch(process: subprocess.Popen[str], wish: Wish) -> None:
    """Show how far it is, on a terminal; else say once what is going on."""
    console = Console(stderr=True, highlight=False)
    says = f"Looking at {wish.part} (process {wish.pid}) for {wish.seconds:g} s"
    if not console.is_terminal:
        console.print(f"{says}.")
        return
    with Progress(
        TextColumn(says), BarColumn(), TimeRemainingColumn(), console=console, transient=True
    ) as progress:
        task, began = progress.add_task(says, total=wish.seconds), time.monotonic()
        while process.poll() is None and (took := time.monotonic() - began) < wish.seconds:
            progress.update(task, completed=took)
            time.sleep(0.1)


def _why(wish: Wish, complaint: str) -> str:
    """What py-spy complains of, in a sentence."""
    said = complaint.lower()
    if "permission" in said or "not permitted" in said:
        return (
            f"Looking into {wish.part} (process {wish.pid}) is not permitted: run it as root (sudo),"
            " in a container with SYS_PTRACE, or with kernel.yama.ptrace_scope=0."
        )
    if "no such process" in said or "no such file" in said:
        return f"{wish.part} (process {wish.pid}) has ended: the stack starts it again by itself."
    last = next((line for line in reversed(complaint.splitlines()) if line.strip()), "it does not say why")
    return f"py-spy could not look at {wish.part}: {last.strip()}"
