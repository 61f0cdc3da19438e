"""What follows from an index's statistics for ten million orders."""

import math
from dataclasses import dataclass

from rich.table import Table

from services.chassis import mongo
from tests.bench.flat.cases import SHOWN

TEN_MILLION = 10_000_000
PAGE_BYTES = 16 * 1024
"""The most that WiredTiger puts into a page of an index."""

REASONING = f"""
A page is found by one descent of the index to where it begins, and then by the {SHOWN + 1} keys that follow
one another there, and their documents: those are what was examined, for every page above. More orders make
the descent longer by whole levels, each a page of {PAGE_BYTES // 1024} KiB that is searched by halves, and
nothing else."""


@dataclass(frozen=True)
class Tree:
    """An index as it is, and how it would be with other counts of keys."""

    name: str
    keys: int
    bytes: int
    depth: int

    def of(self, keys: int) -> "Tree":
        """With so many keys: pages as full as they are, and so much deeper as that makes it."""
        each = self.bytes / self.keys
        fan_out = PAGE_BYTES / each
        leaves = max(1.0, keys * each / PAGE_BYTES)
        return Tree(self.name, keys, round(each * keys), 1 + math.ceil(math.log(leaves, fan_out)))


async def trees(collection: mongo.Collection) -> list[Tree]:
    """What the database says of the indexes that pages are found by."""
    said = await collection.database.command("collStats", collection.name, indexDetails=True)
    names = ("newest", "newest_by_status")
    depths = {name: said["indexDetails"][name]["btree"]["maximum tree depth"] for name in names}
    return [Tree(name, said["count"], said["indexSizes"][name], depths[name]) for name in names]


def outlook(found: list[Tree]) -> Table:
    """The indexes, as they are and with ten million orders."""
    shown = Table("index", title="Indexes: what is, and what follows for ten million orders")
    for head in ("orders", "MiB", "bytes an order", "levels by its size", "levels measured"):
        shown.add_column(head, justify="right")
    for tree in found:
        for each, measured in ((tree.of(tree.keys), str(tree.depth)), (tree.of(TEN_MILLION), "")):
            size = (f"{each.bytes / 2**20:.0f}", f"{each.bytes / each.keys:.1f}", str(each.depth))
            shown.add_row(each.name, f"{each.keys:,}", *size, measured)
    return shown
