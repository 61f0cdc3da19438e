"""What would break clients and readers of the last release is found, and has to be meant."""

import json
import shutil
from pathlib import Path

import pytest

from compose import export
from compose.compare import ACCEPTED, RELEASED, Comparison, UnreasonedError, compared

TEXTS = dict(export.documents())
API, EVENTS = TEXTS["schema.graphql"], TEXTS["events.schema.json"]
ADDRESS = '  """Where to."""\n  address: String!\n\n'


@pytest.fixture
def released(tmp_path: Path) -> Path:
    shutil.copytree(RELEASED, tmp_path / "released")
    return tmp_path / "released"


def changed(released: Path, api: str = API, events: str = EVENTS) -> Comparison:
    """What is found where what is released today becomes this."""
    (released / "schema.graphql").write_text(API)
    (released / "events.schema.json").write_text(EVENTS)
    return compared(released, {"schema.graphql": api, "events.schema.json": events})


def test_what_the_code_says_breaks_nobody() -> None:
    found = compared()
    assert (found.unmeant, found.unmatched) == ([], [])


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        (ADDRESS, "", "Field Order.address was removed."),
        (
            "  quantity: Int!",
            "  quantity: String!",
            "Field Order.quantity changed type from Int! to String!.",
        ),
        ("  amount: Int!", "  amount: Int", "Field Payment.amount changed type from Int! to Int."),
    ],
)
def test_what_breaks_clients_is_found(released: Path, was: str, becomes: str, said: str) -> None:
    assert said in changed(released, API.replace(was, becomes)).unmeant


def test_what_is_dangerous_is_told_and_lets_pass(released: Path) -> None:
    added = API.replace("enum Locale {", 'enum Locale {\n  "日本語"\n  JA\n')
    found = changed(released, added)
    assert (found.breaking, len(found.dangerous)) == ((), 1)


def test_what_is_accepted_with_a_reason_passes_and_what_matches_nothing_does_not(released: Path) -> None:
    gone = API.replace(ADDRESS, "")
    (change, *_) = changed(released, gone).unmeant
    (released / ACCEPTED).write_text(f"# a remark\n\n{change} # nobody read it\n")
    found = changed(released, gone)
    assert change not in found.unmeant
    assert found.accepted[change] == "nobody read it"
    assert changed(released).unmatched == [change]


def test_nothing_is_accepted_without_a_reason(released: Path) -> None:
    (released / ACCEPTED).write_text("Order.address was removed.\n")
    with pytest.raises(UnreasonedError):
        changed(released)


def test_a_fact_keeps_what_its_readers_read(released: Path) -> None:
    said = json.loads(EVENTS)
    placed = said["$defs"]["OrderPlaced"]
    del placed["properties"]["address"]
    placed["required"].remove("address")
    placed["properties"]["quantity"]["type"] = "string"
    placed["properties"]["colour"] = {"type": "string"}
    placed["required"].append("colour")
    del said["$defs"]["DeliveryStarted"]
    assert set(changed(released, events=json.dumps(said)).unmeant) == {
        "event schema OrderPlaced.address was removed.",
        "event schema OrderPlaced.quantity is of another kind.",
        "event schema OrderPlaced.colour is required now.",
        "event schema DeliveryStarted was removed.",
    }


def test_a_fact_may_say_more_and_say_it_better(released: Path) -> None:
    said = json.loads(EVENTS)
    said["$defs"]["OrderPlaced"]["properties"]["colour"] = {"type": "string"}
    said["$defs"]["OrderPlaced"]["description"] = "Better."
    assert changed(released, events=json.dumps(said)).breaking == ()
