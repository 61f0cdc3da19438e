"""How dead letters are shown."""

import json
from collections import Counter
from collections.abc import Sequence
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from compose.ops.plain import visible
from services.chassis.letter import Letter

SHOWN_CHARACTERS = 60
"""Of an exception, in a table."""


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
