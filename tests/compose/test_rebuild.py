"""What `fruitstore rebuild-mypage` says; with the real services it is tested beside mypage."""

import http.client
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from compose.cli import app
from compose.ops import rebuild
from schema.rebuild import Rebuild, State
from tests.conftest import NOWHERE

ADDRESSES = {f"{name}_URL": f"http://{NOWHERE}" for name in ("ORDER", "PAYMENT", "DELIVERY", "MYPAGE")} | {
    "RABBITMQ_URL": f"amqp://{NOWHERE}"
}


def said(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["rebuild-mypage", *options], env=ADDRESSES)
    assert "Traceback" not in result.output
    return result.exit_code, " ".join(result.output.split())


@pytest.fixture
def mypage(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What it answers, one after the other; exceptions are raised."""
    answers: list[Any] = []

    def answer(*_: object) -> bytes:
        said = answers.pop(0)
        if isinstance(said, BaseException):
            raise said
        return Rebuild.model_validate(said).model_dump_json().encode()

    monkeypatch.setattr(rebuild, "_asked", answer)
    monkeypatch.setattr(rebuild, "LOOK_EVERY_SECONDS", 0)
    return answers


def test_where_nobody_answers_that_is_said() -> None:
    status, words = said()
    assert status == 1
    assert "mypage does not answer at" in words


def test_one_at_a_time(mypage: list[Any]) -> None:
    mypage.append(urllib.error.HTTPError("", 409, "Conflict", None, None))  # type: ignore[arg-type]
    status, words = said()
    assert status == 1
    assert "under way already" in words


@pytest.mark.parametrize(
    ("lost", "what"),
    [
        (urllib.error.HTTPError("", 504, "Gateway Timeout", None, None), "answered 504"),  # type: ignore[arg-type]
        (TimeoutError(), "gave no answer (TimeoutError)"),
        (http.client.BadStatusLine("?"), "gave no answer (BadStatusLine)"),
    ],
    ids=["504", "timeout", "nonsense"],
)
def test_of_an_answer_that_is_lost_it_is_said_that_it_may_have_begun(
    lost: Exception, what: str, mypage: list[Any]
) -> None:
    mypage.append(lost)
    status, words = said()
    assert status == 1
    assert words == (
        f"fruitstore: mypage {what}, and may have begun: look with fruitstore rebuild-mypage --look"
        " before you start another."
    )


def test_ids_are_whole_however_narrow_the_screen(mypage: list[Any]) -> None:
    ids = [f"{number:036}" for number in range(5)]
    hostile = "[/x]\x1b[2J"
    differences = [{"kind": "page gone", "orders": 9, "examples": [*ids, hostile]}]
    mypage.append({"state": "differs", "differences": differences})
    result = CliRunner().invoke(app, ["rebuild-mypage", "--look"], env=ADDRESSES | {"COLUMNS": "80"})
    assert f"  page gone: 9 orders, for example {', '.join(ids)}, [/x]\\x1b[2J\n" in result.output


def test_a_rebuild_that_goes_well_is_watched_to_its_end(mypage: list[Any]) -> None:
    steps: Iterator[State] = iter(("preparing", "building", "comparing", "swapping"))
    mypage += [{}, *({"state": state, "done": 1, "total": 2} for state in steps)]
    mypage += [OSError("gone for a moment"), {"state": "swapped", "pages": 7}]
    assert said() == (0, "7 pages were made anew and swapped in.")


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ({"state": "none"}, "There was no rebuild yet"),
        ({"state": "building", "alive": False}, "ended while building"),
        ({"state": "failed", "error": "Why."}, "The rebuild failed. Why."),
        (
            {"state": "differs", "differences": [{"kind": "page gone", "orders": 3, "examples": ["a", "b"]}]},
            "page gone",
        ),
        ({"state": "differs"}, "--despite-differences"),
    ],
    ids=str,
)
def test_whatever_does_not_swap_has_exit_status_1_and_a_reason(
    end: dict[str, Any], words: str, mypage: list[Any]
) -> None:
    mypage.append(end)
    status, told = said("--look")
    assert status == 1
    assert words in told


def test_who_stops_watching_hears_that_it_goes_on(mypage: list[Any]) -> None:
    mypage += [{"state": "building"}, KeyboardInterrupt()]
    status, words = said("--look")
    assert status == 130
    assert "The rebuild goes on in mypage: watch it with fruitstore rebuild-mypage --look." in words
