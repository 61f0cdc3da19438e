"""The table, and the history of what was measured before."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from rich.table import Table

from tests.bench.side_by_side.measuring import Measured
from tests.bench.side_by_side.peers import GATEWAY
from tests.bench.side_by_side.subscribing import Shape, Told

HISTORY = Path(__file__).parent / "history.jsonl"


def table(measured: Measured) -> Table:
    """CPU of a request, rates and memory, and how many times the gateway's CPU each takes."""
    shown = Table("document", "gateway", "CPU of a request", "requests/s", "CPU, ours = 1", "memory")
    shown.caption = "Each on the same one core, which nothing else is told to use."
    for title, figures in measured.items():
        for name, each in sorted(figures.items(), key=lambda pair: pair[1].cpu):
            share = f"{each.cpu / figures[GATEWAY].cpu:.2f}" if GATEWAY in figures else ""
            memory = f"{each.memory / 2**20:,.0f} MiB"
            shown.add_row(title, name, f"{each.cpu:,.0f} µs", f"{each.rate:,.0f}", share, memory)
    return shown


def deliveries(shape: Shape, told: dict[str, Told]) -> Table:
    """What a delivery costs, with the announcement and without, how late it comes, and memory."""
    columns = ("CPU of a delivery", "without its announcement", "deliveries/CPU s", "p50", "p99", "memory")
    shown = Table(shape.title, *columns, "CPU, the gateway's = 1")
    for name, each in told.items():
        shown.add_row(
            name,
            f"{each.cpu:,.0f} µs",
            f"{each.own(shape):,.0f} µs",
            f"{1e6 / each.cpu:,.0f}",
            f"{each.within(0.5):.1f} ms",
            f"{each.within(0.99):.1f} ms",
            f"{each.kib:.1f} KiB",
            f"{each.cpu / told[GATEWAY].cpu:.2f} ({each.own(shape) / told[GATEWAY].own(shape):.2f})",
        )
    return shown


def entry(measured: Measured) -> dict[str, Any]:
    """What is kept of a run."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 # whichever is there
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "figures": {
            title: {
                name: {
                    "cpu_us": round(each.cpu),
                    "per_second": round(each.rate),
                    "memory_mib": round(each.memory / 2**20),
                }
                for name, each in figures.items()
            }
            for title, figures in measured.items()
        },
    }


def keep(said: dict[str, Any], path: Path = HISTORY) -> None:
    """Add a run to the history."""
    with path.open("ab") as file:
        file.write(orjson.dumps(said) + b"\n")


def comparison(path: Path = HISTORY) -> Table | None:
    """The last run beside the one before, as ratios to the gateway; None where there are no two."""
    runs = [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []
    if len(runs) < 2:
        return None
    before, last = runs[-2:]
    shown = Table("document", "gateway", f"{before['commit']}", f"{last['commit']}")
    for title, figures in last["figures"].items():
        for name in figures:
            ratios = (_ratio(run["figures"].get(title, {}), name) for run in (before, last))
            shown.add_row(title, name, *ratios)
    return shown


def _ratio(figures: dict[str, Any], name: str) -> str:
    if name not in figures or GATEWAY not in figures:
        return "–"
    return f"{figures[name]['cpu_us'] / figures[GATEWAY]['cpu_us']:.2f}"
