"""The functions that took most, as a table."""

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from compose.profiling.stacks import Stacks

SHOWN: Final = 15


def show(stacks: Stacks, title: str, file: Path) -> None:
    """Print them, and where the flame graph is."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(title)
    if stacks.samples:
        console.print(_table(stacks))
    else:
        console.print("It did nothing meanwhile: give it something to do, as with fruitstore siege.")
    console.print(f"{file}", markup=False)


def _table(stacks: Stacks) -> Table:
    table = Table("function", box=None, padding=(0, 2, 0, 0))
    table.add_column("itself", justify="right")
    table.add_column("and what it called", justify="right")
    for each in stacks.functions()[:SHOWN]:
        own, total = (f"{100 * count / stacks.samples:.1f} %" for count in (each.own, each.total))
        table.add_row(each.name.replace("[", r"\["), own, total)
    return table
