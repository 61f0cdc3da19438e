"""Content codings: which of those there are a browser wants.

Source: RFC 9110, section 12.5.3
"""

from collections.abc import Collection
from typing import Final

from bff.edge.accept import WEIGHT

IDENTITY: Final = "identity"
SUFFIXES: Final = {"br": ".br", "gzip": ".gz"}
"""What a build leaves beside its files, the smallest first."""

MOST: Final = 20
"""More are not looked at."""


def best(header: str | None, there: Collection[str]) -> str:
    """The coding that is wanted most; of two, the smaller. Where none is, it comes as it is."""
    wanted = _wanted(header or IDENTITY)
    otherwise = wanted.get("*", 0.0)
    ranked = [(wanted.get(name, otherwise), name) for name in SUFFIXES if name in there]
    quality, name = max(ranked, key=lambda each: each[0], default=(0.0, IDENTITY))
    return name if quality > 0 and quality >= wanted.get(IDENTITY, 0.0) else IDENTITY


def _wanted(header: str) -> dict[str, float]:
    """Each coding that is named, with its weight; what makes no sense is passed over."""
    found = {}
    for part in header.split(",", MOST)[:MOST]:
        name, _, weight = (each.strip().lower() for each in part.partition(";"))
        value = weight.removeprefix("q=") if weight else "1"
        if WEIGHT.fullmatch(value):
            found[name] = float(value)
    return found
