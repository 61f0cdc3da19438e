"""Positions as texts: what was given out comes back, and nothing else does."""

import base64
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.position import BEGINNING, END, GIVEN_AT_MOST, MAX_TEXT, BadPositionError, Position

moments = st.integers(0, (END - BEGINNING) // timedelta(milliseconds=1)).map(
    lambda milliseconds: BEGINNING + timedelta(milliseconds=milliseconds)
)
pairs = st.dictionaries(st.binary(min_size=8, max_size=8), st.integers(0, 65535), max_size=GIVEN_AT_MOST)


@given(moments, pairs)
def test_a_position_comes_back_as_it_went_out(moment: object, given_: dict[bytes, int]) -> None:
    position = Position(moment, given_)  # type: ignore[arg-type] # it is one
    assert len(position.text()) <= MAX_TEXT
    assert Position.read(position.text()) == position


def encoded(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).decode()


@pytest.mark.parametrize(
    "hostile",
    [
        *(" ", "x", "not base64!", "한글", "\ud800", "=", "====", "\0", '{"$gt": ""}', "A" * (MAX_TEXT + 4)),
        *(encoded(said) for said in (b"", b"1234567", b"\0" * 9, b"\0" * 17, b"\0" * 19, b"\xff" * 8)),
        encoded((2**53).to_bytes(8, "big")),
    ],
)
def test_a_position_that_nobody_gave_out_is_refused(hostile: str) -> None:
    with pytest.raises(BadPositionError):
        Position.read(hostile)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadPositionError):
        Position.read(text)
