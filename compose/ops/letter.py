"""One dead letter, and how letters are shown."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from aio_pika.abc import AbstractIncomingMessage
from rich.console import Console
from rich.table import Table
from rich.text import Text

from compose.ops.plain import visible
from schema import channels

ID_CHARACTERS = 10
SHOWN_CHARACTERS = 60
"""Of an exception, in a table."""


@dataclass(frozen=True)
class Letter:
    """A message that a hearer could not take in. What is not known of it is empty.

    The id is made of what it is and when it was set aside: the same each time one looks.
    """

    id: str
    hearer: str
    reason: str
    exception: str
    message_id: str
    tries: int
    first_failed: str
    set_aside: str
    origin: dict[str, Any]
    headers: dict[str, Any]
    body: bytes

    @classmethod
    def of(cls, hearer: str, message: AbstractIncomingMessage) -> "Letter":
        """Read one, whether its hearer set it aside or the broker did (too many deliveries, a rejection)."""
        headers: dict[str, Any] = json.loads(json.dumps(dict(message.headers), default=str))
        headers.pop("x-delivery-count", None)  # how often it was looked at
        said = headers if channels.SET_ASIDE_HEADER in headers else {**headers, **_brokers(headers)}
        tries, origin = said.get(channels.TRIES_HEADER), said.get(channels.ORIGIN_HEADER)
        set_aside = str(said.get(channels.SET_ASIDE_HEADER, ""))
        what = (set_aside, message.message_id or "", message.body.hex())
        return cls(
            id=hashlib.sha256("\n".join(what).encode()).hexdigest()[:ID_CHARACTERS],
            hearer=hearer,
            reason=str(said.get(channels.REASON_HEADER, "")),
            exception=str(said.get(channels.EXCEPTION_HEADER, "")),
            message_id=message.message_id or "",
            tries=tries if isinstance(tries, int) else 0,
            first_failed=str(said.get(channels.FIRST_FAILED_HEADER, "")),
            set_aside=set_aside,
            origin=origin if isinstance(origin, dict) else {},
            headers=headers,
            body=message.body,
        )

    @property
    def text(self) -> str:
        """The body, as far as it is text."""
        return self.body.decode("utf-8", "backslashreplace")


def _brokers(headers: dict[str, Any]) -> dict[str, Any]:
    """What the broker wrote down where it set a message aside itself, in our headers' names."""
    deaths = headers.get("x-death")
    death: dict[str, Any] = deaths[0] if isinstance(deaths, list) and deaths else {}
    keys = death.get("routing-keys") or [""]
    return {
        channels.REASON_HEADER: death.get("reason", "unknown"),
        channels.SET_ASIDE_HEADER: death.get("time", ""),
        channels.ORIGIN_HEADER: headers.get(channels.ORIGIN_HEADER)
        or {"exchange": death.get("exchange", ""), "routing-key": keys[0], "queue": death.get("queue", "")},
    }


def counted(letters: Sequence[Letter]) -> str:
    """How many there are, in words."""
    hearers = Counter(letter.hearer for letter in letters)
    each = ", ".join(f"{hearer} {number}" for hearer, number in hearers.items())
    return f"{len(letters)} dead letter{'' if len(letters) == 1 else 's'}{f' ({each})' if each else ''}"


def as_json(letters: Sequence[Letter]) -> str:
    """Everything, for programs; a body that is not text has its odd bytes escaped."""
    shown = [{name: getattr(letter, name) for name in SHOWN} | {"body": letter.text} for letter in letters]
    return json.dumps({"counts": _counts(letters), "letters": shown}, ensure_ascii=False, indent=2)


def as_table(letters: Sequence[Letter]) -> str:
    """A line each, and how many there are by hearer and reason."""
    if not letters:
        return "There are no dead letters."
    table = Table(box=None)
    table.add_column("id", no_wrap=True)
    for heading in ("hearer", "reason", "tries", "set aside", "message", "exception"):
        table.add_column(heading)
    for letter in letters:
        when, why = letter.set_aside[:19], letter.exception[:SHOWN_CHARACTERS]
        cells = (letter.hearer, letter.reason, str(letter.tries), when, letter.message_id, why)
        table.add_row(letter.id, *(Text(visible(cell)) for cell in cells))
    counts = [
        f"{hearer}: {', '.join(f'{number} {visible(reason)}' for reason, number in reasons.items())}"
        for hearer, reasons in _counts(letters).items()
    ]
    return "\n".join([_lines(table), *counts])


def in_full(letter: Letter) -> str:
    """All that is known of one."""
    told = {name: getattr(letter, name) for name in SHOWN}
    lines = [f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in told.items()]
    try:
        body = json.dumps(json.loads(letter.body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        body = letter.text
    return "\n".join(map(visible, [*lines, "body:", *body.split("\n")]))


SHOWN = (
    *("id", "hearer", "reason", "exception", "message_id"),
    *("tries", "first_failed", "set_aside", "origin", "headers"),
)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _counts(letters: Sequence[Letter]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for letter in letters:
        reasons = counts.setdefault(letter.hearer, {})
        reasons[letter.reason] = reasons.get(letter.reason, 0) + 1
    return counts


def _lines(table: Table) -> str:
    """As wide as it needs to be: an id must not be broken."""
    text = StringIO()
    Console(file=text, width=250, color_system=None).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())
