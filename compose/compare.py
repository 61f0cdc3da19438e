"""Holds the language against its last release: what would break whom, and what of that is meant."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes

from compose import export

RELEASED = export.DIRECTORY.parent / "released"
ACCEPTED = "accepted.txt"
API, EVENTS = "schema.graphql", "events.schema.json"
WORDS = {"description", "title", "default", "examples"}
"""What a JSON Schema says to people: it may change."""

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Comparison:
    """What has changed since the release. Each entry of `accepted` ought to be one of `breaking`."""

    breaking: tuple[str, ...]
    dangerous: tuple[str, ...]
    accepted: Mapping[str, str]

    @property
    def unmeant(self) -> list[str]:
        """Breaking changes that nobody has accepted."""
        return [change for change in self.breaking if change not in self.accepted]

    @property
    def unmatched(self) -> list[str]:
        """What was accepted and is no breaking change."""
        return [change for change in self.accepted if change not in self.breaking]


class UnreasonedError(ValueError):
    """A line of what is accepted gives no reason."""


def compared(released: Path = RELEASED, texts: Mapping[str, str] | None = None) -> Comparison:
    """Hold what the code says, or these texts, against a release. Raises UnreasonedError."""
    now = texts or dict(export.documents())
    old, new = build_schema((released / API).read_text(encoding="utf-8")), build_schema(now[API])
    events = json.loads((released / EVENTS).read_text(encoding="utf-8")), json.loads(now[EVENTS])
    breaking = [change.description for change in find_breaking_changes(old, new)]
    return Comparison(
        breaking=(*breaking, *broken_events(*events)),
        dangerous=tuple(change.description for change in find_dangerous_changes(old, new)),
        accepted=dict(_accepted((released / ACCEPTED).read_text(encoding="utf-8"))),
    )


def broken_events(old: Json, new: Json) -> Iterator[str]:
    """What whoever reads facts would stumble over: those told before are kept, and read for ever.

    So nothing may be missing that was there, nothing of another kind, and nothing required that was not.
    """
    for name, shape in old["$defs"].items():
        if name not in new["$defs"]:
            yield f"event schema {name} was removed."
        else:
            yield from _broken_shape(name, shape, new["$defs"][name])


def _broken_shape(name: str, old: Json, new: Json) -> Iterator[str]:
    if _kind(old) != _kind(new):
        yield f"event schema {name} is of another kind."
    fields, others = old.get("properties", {}), new.get("properties", {})
    for field, kind in fields.items():
        if field not in others:
            yield f"event schema {name}.{field} was removed."
        elif _kind(kind) != _kind(others[field]):
            yield f"event schema {name}.{field} is of another kind."
    was, required = set(old.get("required", ())), set(new.get("required", ()))
    for field in sorted(required - was):
        yield f"event schema {name}.{field} is required now."
    for field in sorted((was - required) & others.keys()):
        yield f"event schema {name}.{field} is not required any more."


def _kind(shape: Json) -> Json:
    """What a value may be, without words; of an object, its fields are looked at one by one."""
    return {key: value for key, value in shape.items() if key not in WORDS | {"properties", "required"}}


def _accepted(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            change, _, reason = line.partition(" # ")
            if not reason.strip():
                raise UnreasonedError(f"schema/released/{ACCEPTED} gives no reason for: {line}")
            yield change.strip(), reason.strip()
