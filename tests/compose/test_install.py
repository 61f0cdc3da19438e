"""What is had from the system's packages, where it can be had."""

import pytest

from compose import chromium, install
from compose.trouble import Trouble


def test_a_browser_that_cannot_be_had_is_said_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("compose.install.NEEDS", {"chromium": ("chromium", lambda: None)})
    said: list[str] = []
    install.have_if_possible(["chromium"], said.append)
    [sentence] = said
    assert "`sudo apt-get install --no-install-recommends chromium`" in sentence
    assert "MONGO_URL" not in sentence


@pytest.mark.parametrize("missing", ["find", "draws_korean"])
def test_without_a_browser_or_its_korean_a_sentence_says_how_to_get_them(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, missing, lambda: None)
    with pytest.raises(Trouble, match="install --for-tests"):
        chromium.needed()
