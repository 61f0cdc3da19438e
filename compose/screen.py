"""What the person who runs a stack gets to read."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from compose.topology import DEFAULTS, MODULES, Topology

NO = frozenset({"false", "0", "no", "off", "f", "n"})
"""How a setting is switched off."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Rich would leave the program here."""
        raise BrokenPipeError


class Screen:
    """Lines for a person; a terminal that went away (or a reader that had enough) is no reason to stop."""

    def __init__(self) -> None:
        self._console = _Console(highlight=False, soft_wrap=True)

    def say(self, line: str = "") -> None:
        """One line."""
        with self._whoever_reads():
            self._console.print(line, markup=False)

    def busy(self, line: str) -> contextlib.AbstractContextManager[object]:
        """Show on a terminal that something is going on."""
        return self._console.status(line) if self._console.is_terminal else contextlib.nullcontext()

    def addresses(self, topology: Topology, logs: Path, took: float, without_pages: str = "") -> None:
        """Where everything is, and a first thing to try; and why there are no pages, where there are none."""
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        pages = {} if without_pages else _pages(topology)
        for name, address in {**pages, **_addresses(topology, logs)}.items():
            table.add_row(name, address)
        with self._whoever_reads():
            self._console.print(f"\nEverything is ready, in {took:.1f} s.\n")
            self._console.print(table, crop=False, no_wrap=True)
        if without_pages:
            self.say(f"\n{without_pages}")
        if "bff" not in topology.without:
            self.say(FIRST_THING.format(bff=topology.ports.url("bff")))
        self.say("\nCtrl-C stops everything; the data stay.")

    @contextlib.contextmanager
    def _whoever_reads(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _pages(topology: Topology) -> Mapping[str, str]:
    if "bff" in topology.without:
        return {}
    paths = {"storefront": "/", "operations": "/ops", "GraphiQL": "/graphiql"}
    if topology.environment.get("BFF_IDE", DEFAULTS["BFF_IDE"]).lower() in NO:
        del paths["GraphiQL"]
    return {name: f"{topology.ports.url('bff')}{path}" for name, path in paths.items()}


def _addresses(topology: Topology, logs: Path) -> Mapping[str, str]:
    url = topology.ports.url
    parts = [name for name in MODULES if name not in topology.without]
    return {
        **({"GraphQL": f"{url('bff')}/graphql"} if "bff" in parts else {}),
        **{name: f"{url(name)}/readyz" for name in parts},
        "mongod": topology.mongo_url,
        "rabbitmq": topology.rabbitmq_url,
        "logs": f"{logs}/",
    }


FIRST_THING = """
A first thing to try, in another terminal:

TOKEN=$(curl -s {bff}/dev/token -H 'content-type: application/json' \\
  -d '{{"customerId": "7181"}}' | sed 's/.*"token" *: *"\\([^"]*\\)".*/\\1/')
curl -s {bff}/graphql -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{{
  "query": "mutation Buy($what: PlaceOrderInput!) {{ placeOrder(input: $what) {{ __typename }} }}",
  "variables": {{"what": {{"fruitId": "apple", "quantity": 3, "address": "1 Orchard Road"}}}}}}'"""
