"""What a system on this machine costs: the CPU time of each of its processes, and of the load itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil


def spent(directory: Path) -> dict[str, tuple[int, float]]:
    """The process of each part that the stack in this directory runs, and its CPU seconds until now.

    Nothing of what is not run there.
    """
    try:
        state: Any = json.loads((directory / "stack.json").read_text())
        pids = {str(name): part["pid"] for name, part in state["parts"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
    found = {name: (pid, _seconds(pid)) for name, pid in pids.items() if isinstance(pid, int)}
    return {name: (pid, seconds) for name, (pid, seconds) in found.items() if seconds is not None}


def between(
    before: Mapping[str, tuple[int, float]], after: Mapping[str, tuple[int, float]]
) -> dict[str, float]:
    """CPU seconds by part, of those that were the same process all the time; the dearest first."""
    same = {
        name: after[name][1] - seconds
        for name, (pid, seconds) in before.items()
        if name in after and after[name][0] == pid
    }
    return dict(sorted(same.items(), key=lambda each: -each[1]))


def _seconds(pid: int) -> float | None:
    """With all its children: RabbitMQ is started by a script."""
    try:
        process = psutil.Process(pid)
        return sum(_own(each) for each in (process, *process.children(recursive=True)))
    except psutil.Error:
        return None


def _own(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
