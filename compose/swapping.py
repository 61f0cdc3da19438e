"""Putting one folder in another's place at once: whoever looks sees the one or the other, and never none."""

import ctypes
import os
import shutil
from pathlib import Path

HERE = -100
"""AT_FDCWD: paths are meant as everywhere."""

EXCHANGE = 2
"""RENAME_EXCHANGE, see renameat2(2)."""


def swap(fresh: Path, place: Path) -> None:
    """Put `fresh` where `place` is, and delete what was there. Raises OSError."""
    if not place.exists():
        fresh.rename(place)
        return
    libc = ctypes.CDLL(None)
    if libc.renameat2(HERE, os.fsencode(fresh), HERE, os.fsencode(place), EXCHANGE) == 0:
        shutil.rmtree(fresh)
        return
    aside = place.with_name(f"{place.name}.old")  # not every file system can exchange
    place.rename(aside)
    fresh.rename(place)
    shutil.rmtree(aside)
