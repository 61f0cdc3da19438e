"""Chromium, in which the tests look at the pages; nothing else needs it."""

import shutil
from pathlib import Path

from compose.trouble import Trouble

FONT = Path("/usr/share/fonts/truetype/nanum/NanumGothic.ttf")
"""What Debian's browser draws Korean with."""

MISSING = (
    "There is no Chromium here (or no Korean font for it), and what the pages do in a browser is left out: "
    "`fruitstore install --for-tests` gets both from the system's packages."
)


def find() -> Path | None:
    """Where it is."""
    found = shutil.which("chromium")
    return Path(found) if found else None


def draws_korean() -> bool:
    """Whether there is a Korean font that we know of."""
    return FONT.exists()


def needed() -> Path:
    """Where it is. Raises Trouble with a sentence where it, or its Korean font, is not here."""
    if (found := find()) is None or not draws_korean():
        raise Trouble(MISSING)
    return found
