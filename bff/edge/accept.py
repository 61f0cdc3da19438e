"""Content negotiation: what a client accepts, and what of our own suits it best.

Source: RFC 9110, section 12.5.1
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

MOST_RANGES: Final = 50
"""More are not looked at."""

KNOWN_AT_MOST, KNOWN_CHARACTERS = 256, 200

WEIGHT: Final = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")


class MediaType(StrEnum):
    """What we can answer with, the likeliest first."""

    JSON = "application/json"
    GRAPHQL = "application/graphql-response+json"
    EVENTS = "text/event-stream"
    MULTIPART = "multipart/mixed"


STREAMS: Final = frozenset({MediaType.EVENTS, MediaType.MULTIPART})
FOR_ONE_ANSWER: Final = (MediaType.JSON, MediaType.GRAPHQL, MediaType.EVENTS)
FOR_MANY: Final = (MediaType.EVENTS, MediaType.MULTIPART)


@dataclass(frozen=True)
class Range:
    """One of the ranges that a client accepts."""

    kind: str
    subtype: str
    parameters: dict[str, str]
    quality: float

    def suits(self, offer: MediaType) -> int:
        """How specifically it names an offer; 0 where it does not.

        A stream must be named: who accepts anything expects an answer that ends. Multipart without
        Apollo's parameter is somebody else's protocol.
        """
        kind, _, subtype = offer.partition("/")
        if (self.kind, self.subtype) == (kind, subtype):
            is_other = offer is MediaType.MULTIPART and not self._is_apollos()
            return 0 if is_other else 3
        if offer in STREAMS:
            return 0
        if self.subtype == "*" and self.kind in {kind, "*"}:
            return 2 if self.kind == kind else 1
        return 0

    def _is_apollos(self) -> bool:
        names = ("subscriptionspec", "subscriptionspecversion")
        return "1.0" in {self.parameters.get(name) for name in names}


@dataclass(frozen=True)
class Accepted:
    """An Accept header, read."""

    ranges: tuple[Range, ...]

    @classmethod
    def of(cls, header: str | None) -> "Accepted":
        """Read a header; without one anything is accepted. A part that makes no sense is passed over."""
        if (known := _KNOWN.get(header or "")) is not None:
            return known
        parts = (header or "*/*").split(",", MOST_RANGES)[:MOST_RANGES]
        read = cls(tuple(each for part in parts if (each := _range(part)) is not None))
        if len(_KNOWN) < KNOWN_AT_MOST and len(header or "") <= KNOWN_CHARACTERS:
            _KNOWN[header or ""] = read
        return read

    def best(self, offers: tuple[MediaType, ...]) -> MediaType | None:
        """The offer that suits best: by weight, then as named most clearly, then in the client's order."""
        ranked = [(*self._rank(offer), -place, offer) for place, offer in enumerate(offers)]
        quality, *_, offer = max(ranked)
        return offer if quality > 0 else None

    @cached_property
    def for_one_answer(self) -> MediaType | None:
        """The best for a query or a mutation."""
        return self.best(FOR_ONE_ANSWER)

    @cached_property
    def for_many(self) -> MediaType | None:
        """The best for a subscription."""
        return self.best(FOR_MANY)

    def _rank(self, offer: MediaType) -> tuple[float, int, int]:
        """The weight that the most specific range gives an offer, how specific it is, and where it stands."""
        suited = [(each.suits(offer), -place, each.quality) for place, each in enumerate(self.ranges)]
        specific, place, quality = max(suited, default=(0, 0, 0.0))
        return (quality, specific, place) if specific else (0.0, 0, 0)


_KNOWN: Final[dict[str, Accepted]] = {}
"""The headers that came first: a client says the same each time."""


def _range(part: str) -> Range | None:
    media_type, parameters = media_type_of(part)
    kind, slash, subtype = media_type.partition("/")
    weight = parameters.pop("q", "1")
    if not (kind and slash and subtype and WEIGHT.fullmatch(weight)):
        return None
    return Range(kind, subtype, parameters, float(weight))


def media_type_of(text: str) -> tuple[str, dict[str, str]]:
    """A media type and its parameters, names in lower case, values without their quotes."""
    media_type, *rest = text.split(";")
    pairs = (each.partition("=") for each in rest)
    parameters = {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs if name.strip()}
    return media_type.strip().lower(), parameters
