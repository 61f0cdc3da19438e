"""A machine without a browser is told what is left out; where everything must run, that is a failure."""

import pytest

from tests.browser import chromium
from tests.browser.conftest import left_out


@pytest.mark.parametrize(
    ("lacking", "name"),
    [
        ("compose.chromium.find", "no Chromium here"),
        ("compose.chromium.reads_korean", "no Korean font for it here"),
        ("compose.node.installs", "no Node.js"),
    ],
)
def test_what_is_missing_is_named_and_how_to_get_it(
    lacking: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lacking, lambda: None)
    sentence = chromium.missing()
    assert sentence is not None
    assert name in sentence
    assert "is left out: `fruitstore install --for-tests` gets it" in sentence


def test_nothing_is_missing_where_all_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for needed in ("compose.chromium.find", "compose.chromium.reads_korean", "compose.node.installs"):
        monkeypatch.setattr(needed, lambda: "there")
    monkeypatch.setattr("compose.node.runs", lambda _: True)
    assert chromium.missing() is None


def test_what_is_left_out_is_skipped_at_home_and_a_failure_where_all_must_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="left out"):
        left_out("left out")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="left out"):
        left_out("left out")
