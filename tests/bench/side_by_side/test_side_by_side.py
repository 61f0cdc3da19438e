"""The bench: what is compared is the same, and what comes out is what was measured."""

import io

import pytest
from rich.console import Console

from tests.bench.side_by_side import report
from tests.bench.side_by_side.executor import both
from tests.bench.side_by_side.load import alike, turns
from tests.bench.side_by_side.measuring import Figures, Measured, Size, measure
from tests.bench.side_by_side.peers import FLOOR, GATEWAY


@pytest.fixture
def measured() -> Measured:
    """Two rounds."""
    return {
        "whole": {
            GATEWAY: Figures(cpu_us=[100, 300], per_second=[10, 30], memory=80 * 2**20),
            "other": Figures(cpu_us=[900, 700], per_second=[5, 5]),
        }
    }


def shown(table: object) -> str:
    console = Console(width=110, file=io.StringIO())
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_what_is_written_in_another_way_is_the_same() -> None:
    assert alike("2026-11-24T09:30:15.250Z") == alike("2026-11-24T09:30:15.250000+00:00")
    assert alike(["2026-11-24T09:30:15+00:00"]) == alike(["2026-11-24T09:30:15.000Z"])
    assert alike({"a": "MTIz"}) == alike({"a": "MTIz", "extensions": {}})
    assert alike("2026-11-24T09:30:15.250Z") != alike("2026-11-24T09:30:15.251Z")


def test_each_has_its_turn_in_each_round() -> None:
    assert turns(["a", "b"], 2) == [(0, "a"), (0, "b"), (1, "b"), (1, "a")]


def test_the_table_says_medians_and_ratios(measured: Measured) -> None:
    said = shown(report.table(measured))
    assert "200 µs" in said
    assert "80 MiB" in said
    assert "4.00" in said


def test_runs_are_kept_and_compared(measured: Measured, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("history") / "history.jsonl"
    report.keep(report.entry(measured), path)
    assert report.comparison(path) is None
    measured["whole"]["other"] = Figures(cpu_us=[400], per_second=[1])
    report.keep(report.entry(measured), path)
    compared = report.comparison(path)
    assert compared is not None
    said = shown(compared)
    assert "4.00" in said
    assert "2.00" in said


async def test_the_executor_is_compared_on_the_same_answer() -> None:
    stock, ours = both()
    assert (await stock()).data == (await ours()).data


async def test_the_smallest_run_measures_all() -> None:
    told: list[str] = []
    size = Size([GATEWAY, FLOOR, "strawberry"], rounds=2, requests=20, connections=4, warm_up=20)
    figures = await measure(size, told.append)
    assert set(figures) == {"whole", "small"}
    for each in figures.values():
        assert {name: len(found.cpu_us) for name, found in each.items()} == dict.fromkeys(size.names, 2)
        assert all(found.cpu > 0 and found.memory > 2**20 for found in each.values())
