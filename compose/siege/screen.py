"""What `fruitstore siege` prints: how far it is, the table, and whether everything told is true."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from compose.ops.addresses import Addresses
from compose.ops.audit import Report
from compose.ops.audit_screen import summary
from compose.ops.sheet import console
from compose.siege import laying, plot, table, truth
from compose.siege.laying import Siege
from compose.siege.plan import Plan
from compose.siege.truth import Aftermath


@dataclass(frozen=True, slots=True)
class Wish:
    """What to lay siege to, and what is to be shown of it."""

    plan: Plan
    url: str
    where: Addresses
    directory: Path
    plot: Path | None = None
    audit: bool = True
    as_json: bool = False


def run(wish: Wish) -> bool:
    """Lay a siege and show it; whether every answer was good, and true. Raises Trouble where it cannot be."""
    out, err = console(), Console(stderr=True)
    with _advancing(err, wish.plan) as progress:
        siege = laying.lay(wish.plan, wish.url, wish.where, wish.directory, progress)
    if not wish.as_json:
        out.print(table.table(siege))
    if wish.plot:
        plot.write(siege, wish.plot)
    aftermath = _looked(wish, siege, err) if wish.audit else None
    if wish.as_json:
        typer.echo(json.dumps(table.as_json(siege, aftermath), ensure_ascii=False))
    for line in table.advice(siege):
        typer.echo(line, err=True)
    if aftermath and not wish.as_json:
        for line in table.verdict(aftermath):
            out.print(line, markup=False)
    figures = siege.figures
    return figures.good > 0 and not figures.bad and (aftermath is None or aftermath.clean)


def _looked(wish: Wish, siege: Siege, err: Console) -> Aftermath:
    with err.status("Waiting until everything is settled…") as status:

        def say(report: Report) -> None:
            if report.orders % 500 == 0:
                status.update(f"Comparing what was told with what is: {summary(report)}")

        return asyncio.run(truth.look(wish.where, siege.tally, say))


@contextmanager
def _advancing(err: Console, plan: Plan) -> Iterator[Callable[[float, int], None]]:
    """A bar on a terminal."""
    shown = (TextColumn("{task.description}"), BarColumn(None), TimeRemainingColumn())
    silent = not err.is_terminal
    with Progress(*shown, console=err, transient=True, refresh_per_second=2, disable=silent) as bar:
        task = bar.add_task(str(plan), total=plan.seconds)

        def say(elapsed: float, count: int) -> None:
            rate = count / elapsed if elapsed else 0
            bar.update(task, completed=elapsed, description=f"{count:,} answers, {rate:.0f}/s")

        yield say
