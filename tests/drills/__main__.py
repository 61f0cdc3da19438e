"""The long form of the drills: thousands of orders, progress while it runs, and a table at the end.

    .venv/bin/python -m tests.drills --help

Runs a stack of its own, on loopback, and ends with status 1 where anything was found.
"""

import argparse
import asyncio
import math
import random
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from compose import install, preflight
from compose.trouble import Trouble
from tests.drills.drill import DRILLS, Plan, Result, run
from tests.drills.system import running

SHOWN_FINDINGS = 20
WIDTH = 190
"""Characters of a line where there is no terminal."""

SAID_EVERY_SECONDS = 15.0
"""How often progress is said where there is no terminal to show it on."""


def main() -> None:
    """Read the command line, and drill."""
    asked = _asked()
    seed = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    plan = Plan(asked.orders, asked.seconds, asked.customers, asked.pause)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print(f"seed {seed}: {plan.orders} orders or more in {', '.join(asked.drills)}")
    try:
        install.have({"mongod", "rabbitmq"}, console.print)
        results = asyncio.run(_all(asked.drills, seed, plan, console))
    except Trouble as trouble:
        sys.exit(str(trouble))
    console.print(_table(results))
    sys.exit(1 if any(result.findings for result in results) else 0)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.drills",
        description="Customers order while things break; what they were told is compared with what is so.",
    )
    say = parser.add_argument
    say("--orders", type=_count, default=10_000, metavar="N", help="orders in all, at least (10,000)")
    say("--seed", type=int, metavar="N", help="what all chances are drawn from (another each time)")
    say("--customers", type=_count, default=16, metavar="N", help="customers at once (16)")
    say("--pause", type=_seconds, default=0.2, metavar="S", help="seconds between one's orders (0.2)")
    say("--seconds", type=_seconds, default=600.0, metavar="S", help="of faults in each, at most (600)")
    say("drills", nargs="*", default=list(DRILLS), metavar="DRILL", help=f"of {', '.join(DRILLS)} (all)")
    asked = parser.parse_args()
    if unknown := set(asked.drills) - DRILLS.keys():
        parser.error(f"there is no drill {', '.join(sorted(unknown))}: choose from {', '.join(DRILLS)}")
    return asked


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return count


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds above 0")
    return seconds


async def _all(names: list[str], seed: int, plan: Plan, console: Console) -> list[Result]:
    """One drill after the other, on one system."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder, Progress(*columns, console=console) as shown:
        preflight.enough_space(Path(folder))
        task = shown.add_task("starting the system", total=plan.orders)

        last = time.monotonic()

        def progress(doing: str, orders: int, faults: int) -> None:
            nonlocal last
            said = f"{doing}: {orders} orders, {faults} faults"
            shown.update(task, description=said, completed=orders)
            if not console.is_terminal and time.monotonic() - last > SAID_EVERY_SECONDS:
                console.print(said)
                last = time.monotonic()

        async with running(Path(folder)) as system:
            for number, name in enumerate(names):
                share = _share(plan, sum(result.orders for result in results), len(names) - number)
                results.append(result := await run(system, name, seed, share, progress))
                console.print(_line(result))
                _say_what_was_found(result, console)
    return results


def _share(plan: Plan, orders: int, drills_left: int) -> Plan:
    """The next drill's part of what is left: where others came to fewer orders, it makes up for them."""
    return replace(plan, orders=math.ceil(max(0, plan.orders - orders) / drills_left))


def _line(result: Result) -> str:
    found = f"[red]{len(result.findings)} findings" if result.findings else "[green]nothing found"
    return f"{result.drill}: {result.orders} orders, {result.faults.total()} faults, {found}"


def _table(results: list[Result]) -> Table:
    table = Table(
        *("drill", "seed", "orders", "cancels", "told", "faults", "audits meanwhile", "violations", "stuck"),
        *("seconds to settle", "dead letters"),
        show_lines=True,
    )
    for each in results:
        table.add_row(
            *(each.drill, str(each.seed), str(each.orders), str(each.cancels)),
            "\n".join(f"{count} {kind}" for kind, count in each.told.most_common()),
            "\n".join(f"{count} {kind}" for kind, count in each.faults.most_common()),
            *(str(each.audits), str(len(each.violations)), str(len(each.stuck))),
            *(f"{each.seconds:.1f}", str(len(each.dead_letters))),
        )
    orders, cancels = sum(each.orders for each in results), sum(each.cancels for each in results)
    faults = sum(each.faults.total() for each in results)
    table.add_row("all", "", str(orders), str(cancels), "", f"{faults} in all")
    return table


def _say_what_was_found(result: Result, console: Console) -> None:
    for finding in result.findings[:SHOWN_FINDINGS]:
        console.print(f"  {finding}", markup=False)
    if (more := len(result.findings) - SHOWN_FINDINGS) > 0:
        console.print(f"  and {more} more")


if __name__ == "__main__":
    main()
