"""The gateway beside its peers: CPU of a request and requests a second, in one interleaved run.

    make bench ARGS="--rounds 5"
    make bench ARGS=--subscriptions

Runs a mongod of its own, and one process of each on a core that nothing else is told to use; the load and the
database have the other one. All answer the same documents with the same data, which is seen to before.
"""

import argparse
import asyncio
import sys

from rich.console import Console

from tests.bench.side_by_side import executor, report, subscribing
from tests.bench.side_by_side.measuring import Size, measure
from tests.bench.side_by_side.peers import COMMANDS
from tests.bench.side_by_side.subscribing import SHAPES, Load


def main() -> None:
    """Read the command line, and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured (7)")
    parser.add_argument("--requests", type=int, default=600, help="in each round (600)")
    parser.add_argument("--warm-up", type=int, default=1500, help="requests to each before that (1500)")
    parser.add_argument("--connections", type=int, default=16, help="over so many at once (16)")
    parser.add_argument(
        "--only", nargs="+", default=list(COMMANDS), choices=list(COMMANDS), help="these (all)"
    )
    parser.add_argument("--executor", action="store_true", help="the executor alone instead, in this process")
    parser.add_argument("--keep", action="store_true", help="add the run to the history")
    parser.add_argument("--compare", action="store_true", help="compare the last two of the history instead")
    parser.add_argument("--subscriptions", action="store_true", help="subscriptions instead")
    parser.add_argument("--shapes", nargs="+", default=list(SHAPES), choices=list(SHAPES), help="these (all)")
    parser.add_argument("--open", type=int, default=5000, help="subscriptions of each (5000)")
    parser.add_argument("--updates", type=int, default=2000, help="deliveries in each round (2000)")
    parser.add_argument("--rate", type=float, default=1000, help="deliveries a second (1000)")
    parser.add_argument("--together", type=int, default=1, help="views in a message (1)")
    wanted = parser.parse_args()
    console = Console(width=110)
    if wanted.compare:
        compared = report.comparison()
        if compared is None:
            sys.exit("There are no two runs to compare: make bench ARGS=--keep")
        console.print(compared)
        return
    if wanted.executor:
        stock, ours = asyncio.run(executor.measured(wanted.rounds, 100))
        console.print(
            f"A page of 20 whole orders: stock Strawberry with its caches {stock:,.0f} µs of CPU,"
            f" the gateway's schema {ours:,.0f} µs: {stock / ours:.1f} times as much."
        )
        return
    if wanted.subscriptions:
        _subscriptions(wanted, console)
        return
    size = Size(wanted.only, wanted.rounds, wanted.requests, wanted.connections, wanted.warm_up)
    measured = asyncio.run(measure(size, lambda text: console.print(text, style="dim")))
    console.print(report.table(measured))
    if wanted.keep:
        report.keep(report.entry(measured))


def _subscriptions(wanted: argparse.Namespace, console: Console) -> None:
    load = Load(wanted.open, wanted.rounds, wanted.updates, wanted.rate, wanted.together)
    for shape in (SHAPES[name] for name in wanted.shapes):
        told = asyncio.run(subscribing.measure(load, shape, lambda text: console.print(text, style="dim")))
        console.print(report.deliveries(shape, told))


if __name__ == "__main__":
    main()
