"""The short form of `tests.bench.footprint`; and what compose/SIZING.md counts on."""

import pytest
from rich.console import Console

from schema import channels
from tests.bench.footprint.measuring import Footprint, measured
from tests.bench.footprint.report import tables
from tests.bench.footprint.size import SHORT, asked, options
from tests.bench.footprint.spending import PARTS, per
from tests.stories.stack import Stack


@pytest.fixture(scope="module")
async def found(stack: Stack) -> Footprint:
    """What a few orders cost."""
    return await measured(stack, SHORT)


async def test_an_order_is_four_facts_at_most_four_views_and_seventeen_writes(found: Footprint) -> None:
    """Facts that come to MyPage within its pace share a view and a write; marks of several are one, too.

    On a slow machine they come apart, and a view is heard later.
    """
    (order,) = found.orders
    assert order["facts"] == pytest.approx(4, abs=0.3)
    assert order["views"] == pytest.approx(3.5, abs=1.6)
    assert 12 <= order["writes"] <= 17.5


async def test_every_part_works_for_an_order_and_keeps_something_of_it(found: Footprint) -> None:
    (order,) = found.orders
    assert [part for part in PARTS if order[f"cpu {part}"] + found.saturated.order[f"cpu {part}"] <= 0] == []
    assert [name for name, kept in found.documents.items() if kept.documents < 1 or kept.size < 50] == []
    assert order["journal"] > 1000
    assert found.saturated.per_second > 0


async def test_a_view_is_heard_once_however_many_replicas_hear_it_too(found: Footprint) -> None:
    assert (round(found.view["views"]), round(found.view_with_replicas["views"])) == (1, 1)


async def test_the_tables_name_every_part(found: Footprint) -> None:
    console = Console(width=200, record=True)
    console.print(*tables(found, {("bff", "order"): (1.0, 2.0)}))
    text = console.export_text()
    assert [part for part in (*PARTS, *channels.HEARS) if part not in text] == []


def test_nobody_is_measured_without_bound() -> None:
    said = options().parse_args(["--per-second", "100000", "--rounds", "0"])
    assert (asked(said).per_second, asked(said).rounds) == (200, 1)


def test_what_an_idle_second_takes_is_not_the_orders() -> None:
    assert per(2, {"writes": 10, "seconds": 3}, {"writes": 2}) == {"writes": 2}
