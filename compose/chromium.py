"""Chromium, in which the pages are tested, and letters for what is written on them."""

import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
NANUM = Path("/usr/share/fonts/truetype/nanum")
"""Where Debian's package puts them."""


def find() -> str | None:
    """The browser on PATH."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def reads_korean() -> bool:
    """Whether there is a font with Korean letters."""
    lists = shutil.which("fc-list")
    if NANUM.exists() or not lists:
        return NANUM.exists()
    done = subprocess.run((lists, ":lang=ko", "family"), capture_output=True, check=False)  # noqa: S603
    return bool(done.stdout.strip())
