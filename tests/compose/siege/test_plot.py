"""The picture of a siege whose answers are known."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from compose.siege import plot
from compose.siege.answers import PENDING, PLACED, UNAVAILABLE
from compose.siege.breaker import Circuit
from compose.siege.laying import Siege
from compose.siege.plan import Plan, Span
from compose.siege.series import columns
from compose.trouble import Trouble
from tests.compose.siege.sieges import siege

STATE = b'payment_breaker_state{state="%s"} 1.0\n'


def troubled() -> Siege:
    circuit = Circuit()
    for at, state in ((0, b"closed"), (4, b"open"), (7, b"closed")):
        circuit.take_in(STATE % state, at)
    return siege(
        [
            *((PLACED, at + 0.5, 0.5) for at in range(10)),
            (PENDING, 4.5, 0.6),
            (UNAVAILABLE, 5.5, 0.01),
            ("<&>", 6, 1),
        ],
        circuit=circuit,
    )


def titles(page: str) -> list[str]:
    tree = ElementTree.fromstring(page.partition("\n")[2])  # noqa: S314 - our own page
    return [each.text or "" for each in tree.iter("title")]


def test_the_page_is_well_formed_and_shows_what_was_answered_when() -> None:
    shown = titles(plot.page(troubled()))
    assert "4 s: 1 OrderPlaced" in shown
    assert "4 s: 1 PaymentPending" in shown
    assert "5 s: 1 PaymentUnavailable" in shown
    assert "6 s: 1 <&>" in shown


def test_the_page_shows_the_circuit_which_stays_as_it_was_until_it_changes() -> None:
    shown = titles(plot.page(troubled()))
    states = [title.partition(": ")[2] for title in shown if title.endswith((": closed", ": open"))]
    assert states == ["closed"] * 4 + ["open"] * 3 + ["closed"] * 3


def test_the_page_needs_nothing_else() -> None:
    page = plot.page(troubled())
    assert not re.search(r"(?:https?:)?//|<script|<link|<img|@import|url\(", page)


def test_a_long_siege_has_no_more_columns_than_can_be_seen() -> None:
    hour = siege(((PLACED, at, 0.5) for at in range(3600)), Plan(10, 3600, Span(400, 600)))
    found = columns(hour)
    assert len(found) == 240
    assert sum(each.kinds.total() for each in found) == 3600
    assert {each.rate for each in found} == {1.0}


def test_a_siege_without_any_answer_has_a_page_too() -> None:
    assert "9 s: not told" in titles(plot.page(siege([])))


def test_a_file_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="choose another --plot"):
        plot.write(troubled(), tmp_path / "nowhere" / "plot.html")
