"""The tables of what was measured."""

from collections.abc import Iterable

from rich.table import Table

from tests.bench.footprint.measuring import FURTHER_REPLICAS, Footprint
from tests.bench.footprint.spending import PARTS, middle
from tests.bench.footprint.wires import Carried

COUNTED = ("writes", "reads", "syncs", "journal", "oplog", "facts", "views", "disk mongod", "disk rabbitmq")


def tables(found: Footprint, carried: Carried) -> Iterable[Table]:
    """All of them."""
    return (_parts(found), _counted(found), _documents(found), _wires(carried))


def _parts(found: Footprint) -> Table:
    table = Table(
        *("part", "MiB at first", "idle ms/s", "ms an order", "least to most", "ms a page", "ms a view"),
        *(f"ms a view, {FURTHER_REPLICAS} replicas more", "saturated: cores", "ms an order then"),
        title=f"CPU of each part; saturated: {found.saturated.per_second:.1f} orders/s; "
        f"a view heard without a framework: {1000 * found.view_heard_plainly:.3f} ms",
    )
    for part in PARTS:
        cpu = f"cpu {part}"
        median, least, most = (1000 * value for value in middle(found.orders, cpu))
        shares = (found.page, found.view, found.view_with_replicas)
        table.add_row(
            *(part, f"{found.memory[part]:.0f}", f"{1000 * found.idle_second[cpu]:.1f}"),
            *(f"{median:.2f}", f"{least:.2f} to {most:.2f}"),
            *(f"{1000 * share[cpu]:.3f}" for share in shares),
            *(f"{found.saturated.second[cpu]:.2f}", f"{1000 * found.saturated.order[cpu]:.2f}"),
        )
    return table


def _counted(found: Footprint) -> Table:
    subscribed = found.subscribed
    table = Table(
        *("counter", "an order", "least to most", "opening a subscription", "idle second"),
        "second of open subscriptions",
        title=f"An open subscription holds {subscribed.kib:.1f} KiB of the gateway",
    )
    for name in (*COUNTED, *(f"cpu {part}" for part in PARTS)):
        median, least, most = middle(found.orders, name)
        figures = (subscribed.opening[name], found.idle_second[name], subscribed.second[name])
        table.add_row(name, _figure(median), f"{_figure(least)} to {_figure(most)}", *map(_figure, figures))
    return table


def _documents(found: Footprint) -> Table:
    table = Table(
        "collection", "documents", "bytes each", "on disk", "indexes", title="What is kept of an order"
    )
    for name, each in found.documents.items():
        indexes = ", ".join(f"{index} {size:.0f}" for index, size in each.indexes.items())
        table.add_row(name, str(each.documents), f"{each.size:.0f}", f"{each.stored:.0f}", indexes)
    return table


def _wires(carried: Carried) -> Table:
    table = Table("from", "to", "bytes there", "bytes back", title="Between the parts, for an order")
    for (part, other), (there, back) in carried.items():
        table.add_row(part, other, f"{there:.0f}", f"{back:.0f}")
    return table


def _figure(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.4f}"
