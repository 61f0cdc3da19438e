"""Whether a page of MyPage costs the same, however many orders its customer has, and however deep it is.

    .venv/bin/python -m tests.bench.flat --help

Runs a mongod, a RabbitMQ and the gateway of its own. One customer has 20 orders, one has a great many; their
pages are asked for in turns. What the database examines is the proof, CPU of gateway and mongod per request
the measure; from the index's own statistics follows what ten million orders would make of it. Exit status 1
where a page examines other than it should, or costs a tenth more or less than the small customer's first one.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.bench.flat.cases import SHOWN, Case, cases
from tests.bench.flat.outlook import REASONING, outlook, trees
from tests.bench.flat.scene import AT_ONCE, scene

TENTH = 0.10


def costs(found: list[Case]) -> tuple[Table, bool]:
    """What each took; and whether they are all alike."""
    shown = Table("page", title=f"A page of {SHOWN} orders")
    for head in ("keys", "documents", "gateway µs CPU", "mongod µs CPU", "to the first"):
        shown.add_column(head, justify="right")
    good = True
    for each in found:
        first = next(other for other in found if bool(other.status) == bool(each.status))
        ratio = each.microseconds / first.microseconds
        most = SHOWN + (2 if each.after else 1)
        good = good and abs(ratio - 1) <= TENTH and (each.keys, each.documents) == (most, most)
        shown.add_row(
            *(each.name, str(each.keys), str(each.documents)),
            *(f"{median(taken):.0f}" for taken in (each.gateway_us, each.mongod_us)),
            f"{ratio:.2f}",
        )
    return shown, good


async def measure(many: int, rounds: int, requests: int) -> bool:
    """Measure and print; whether all pages cost the same."""
    found = cases(many)
    with tempfile.TemporaryDirectory() as folder:
        async with scene(Path(folder), many) as at:
            for each in found:
                await each.explain(at.collection)
                await at.ask(each, requests)
                each.gateway_us.clear()
                each.mongod_us.clear()
            for _ in track(range(rounds), "asking", transient=True):
                for each in found:
                    await at.ask(each, requests)
            indexes = await trees(at.collection)
    table, good = costs(found)
    Console(width=120).print(table, outlook(indexes), REASONING, sep="\n")
    return good


def main() -> None:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.flat",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--orders", type=int, default=100_000, help="of the large customer, at most 1,000,000"
    )
    parser.add_argument(
        "--rounds", type=int, default=7, help="how often each page is measured, at most 50 (7)"
    )
    parser.add_argument("--requests", type=int, default=150, help="in each round, at most 2000 (150)")
    said = parser.parse_args()
    many = max(100, min(said.orders, 1_000_000))
    rounds, requests = max(1, min(said.rounds, 50)), max(AT_ONCE, min(said.requests, 2000))
    sys.exit(0 if asyncio.run(measure(many, rounds, requests)) else 1)


if __name__ == "__main__":
    main()
