"""What it takes to refuse a document: CPU of the worst of each family of bombs, of at most 64 KiB.

    .venv/bin/python -m tests.bench.documents --help

Reads each as the gateway does (parse, limits, validation, cost), in this process; nothing needs to run.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterable

from graphql import get_variable_values, parse
from rich.console import Console
from rich.table import Table

from bff.edge import json
from bff.edge.cost import Prices
from bff.edge.documents import Documents, RefusedError
from bff.edge.gate import bounded
from bff.edge.guard import more_than
from bff.edge.limits import Limits
from bff.graph import root
from bff.graph.errors import presentable
from bff.settings import BffSettings
from tests.bench.bombs import BYTES, SIZES, TOKENS, VARIABLES, bombs

Took = tuple[float, str, int]
"""Milliseconds of CPU, what it was refused for, and its bytes."""


class Reader:
    """Reads documents as the gate does, each as if for the first time."""

    def __init__(self, *, suggestions: bool) -> None:
        self._schema = root.schema()._schema
        self._prices = Prices(self._schema)
        self._suggestions = suggestions
        self._filtered = parse("query ($filter: OrderFilter) { myOrders(filter: $filter) { __typename } }")

    def read(self, text: str) -> str:
        """Read one; its code, or what it costs."""
        documents = Documents(self._schema, Limits(), suggestions=self._suggestions)
        try:
            document = documents.read(text)
        except RefusedError as refused:
            said = [bounded(presentable(each, "EN", ""), suggestions=True) for each in refused.errors]
            return str(said[0]["extensions"]["code"])
        prices = [self._prices.price(document, each, {}) for each in document.operations]
        return f"costs {max(prices, default=0)}"

    def took(self, text: str, times: int) -> Took:
        """The median of so many."""
        return median(lambda: self.read(text), times, len(text.encode()))

    def taken(self, body: bytes, times: int) -> Took:
        """The same, of variables: read as JSON, counted, and coerced."""
        return median(lambda: self.coerce(body), times, len(body))

    def coerce(self, body: bytes) -> str:
        """Take variables in as the gate and the executor do."""
        given = json.read(body)
        if more_than(BffSettings.model_fields["bff_variable_values"].default, given):
            return "too many values"
        definitions = self._filtered.definitions[0].variable_definitions  # type: ignore[attr-defined]
        coerced = get_variable_values(self._schema, definitions, given, max_errors=50)
        if not isinstance(coerced, list):
            return "taken"
        said = [bounded(presentable(each, "EN", ""), suggestions=True) for each in coerced]
        return f"{len(said)} errors"


def median(run: Callable[[], str], times: int, size: int) -> Took:
    """What something takes, of so many times."""
    spent: list[float] = []
    for _ in range(times):
        begun = time.process_time()
        said = run()
        spent.append((time.process_time() - begun) * 1000)
    return statistics.median(spent), said, size


def worst_variables(reader: Reader, times: int) -> dict[str, Took]:
    """The dearest of each family of variables."""
    dearest: dict[str, Took] = {}
    for family, make in VARIABLES.items():
        for size in (100, 500, 990, 5000):
            body = json.written({"filter": make(size)})
            if len(body) <= BYTES:
                took = reader.taken(body, times)
                dearest[f"variables: {family}"] = max(took, dearest.get(f"variables: {family}", took))
    return dearest


def worst(reader: Reader, found: Iterable[tuple[str, str]], times: int) -> dict[str, Took]:
    """The dearest of each family."""
    dearest: dict[str, Took] = {}
    for family, text in found:
        took = reader.took(text, times)
        dearest[family] = max(took, dearest.get(family, took))
    return dearest


def mixed(count: int, seed: int) -> Iterable[tuple[str, str]]:
    """Bombs put together: parts of two families in one document, with a part of a third one's text."""
    chance = random.Random(seed)  # noqa: S311 # nothing is secret here
    for _ in range(count):
        names = chance.sample(sorted(TOKENS), 2)
        size = chance.choice(SIZES[:7])
        share = chance.randrange(size)
        text = " ".join(TOKENS[name](part) for name, part in zip(names, (share, size - share), strict=True))
        padding = chance.choice(["", " " * 8000, "#" + "x" * 8000 + "\n", '"' + "\\n" * 3000 + '"'])
        if len((text + padding).encode()) <= BYTES:
            yield "mixed: " + " + ".join(names), padding + text


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=5, help="readings of each, of which the median counts")
    parser.add_argument("--mixed", type=int, default=300, help="documents put together at random")
    parser.add_argument("--seed", type=int, default=1, help="of that chance")
    parser.add_argument("--suggestions", action="store_true", help="with 'Did you mean …' computed")
    told = parser.parse_args()
    reader = Reader(suggestions=told.suggestions)
    reader.read("{ fruits { id } }")
    found = worst(reader, bombs(), told.times) | worst_variables(reader, told.times)
    together = worst(reader, mixed(told.mixed, told.seed), told.times)
    Console(width=110).print(shown(dearest_first(found) + dearest_first(together)[:5]))


def dearest_first(found: dict[str, Took]) -> list[tuple[str, Took]]:
    """By what they took."""
    return sorted(found.items(), key=lambda row: -row[1][0])


def shown(rows: list[tuple[str, Took]]) -> Table:
    """The table."""
    table = Table("family", "CPU ms", "said", "bytes")
    for family, (spent, said, size) in rows:
        table.add_row(family, f"{spent:.1f}", said, str(size))
    longest, of = max((took[0], family) for family, took in rows)
    table.caption = f"worst: {longest:.1f} ms of CPU, {of}"
    return table


if __name__ == "__main__":
    main()
