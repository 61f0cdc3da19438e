"""What an order costs each part: CPU, documents, journal, messages, bytes; and what fills first.

    .venv/bin/python -m tests.bench.footprint --help

An order is the whole story: placed, paid, delivered, seen at every step by its customer's subscription, and
looked up once. Runs a stack of its own with the settings as they come, on loopback, and then, to count the
bytes between parts, another one with a link between any two; prints tables. compose/SIZING.md says what
follows from them.
"""

import asyncio
import tempfile
from pathlib import Path

from rich.console import Console

from tests.bench.answers import SETTINGS_AS_THEY_COME
from tests.bench.footprint.measuring import measured
from tests.bench.footprint.report import tables
from tests.bench.footprint.size import Size, asked, options
from tests.bench.footprint.wires import carried
from tests.bench.tracing import PATIENT
from tests.stories.stack import running

ORDERS_OVER_LINKS = 40
CUSTOMERS_OVER_LINKS = 4


async def measure(size: Size) -> None:
    """Run the stacks and print the tables."""
    console = Console(width=200)
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder) / "stack", SETTINGS_AS_THEY_COME | PATIENT) as stack:
            found = await measured(stack, size)
    console.print(*tables(found, await carried(ORDERS_OVER_LINKS, CUSTOMERS_OVER_LINKS)), sep="\n")


def main() -> None:
    """Run what the command line says."""
    parser = options()
    parser.description = __doc__
    asyncio.run(measure(asked(parser.parse_args())))


if __name__ == "__main__":
    main()
