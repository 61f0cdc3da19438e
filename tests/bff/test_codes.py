"""The one list of codes: whole, documented, and in people's languages where people read them."""

from pathlib import Path

import pytest

from bff.graph import codes, texts
from bff.graph.codes import MEANING, Code

README = Path(__file__).parent.parent.parent / "README.md"


def test_every_code_has_a_status_and_a_meaning() -> None:
    assert list(MEANING) == list(Code)
    assert all(200 <= meaning.status < 600 and meaning.sentence for meaning in MEANING.values())


def test_the_readme_lists_the_codes_as_they_are() -> None:
    assert f"\n{codes.table()}\n" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("code", list(texts.ERROR))
def test_what_a_person_would_read_is_said_in_both_languages(code: Code) -> None:
    assert set(texts.ERROR[code]) == {"KO", "EN"}
