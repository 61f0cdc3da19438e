"""A flame graph: who called whom, as wide as the share of samples in which it was so."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Final

from compose.profiling.stacks import Stacks
from compose.trouble import Trouble

WIDTH, ROW, TOP = 1200.0, 17, 34
NARROWEST: Final = 0.3
"""Pixels: what is narrower is left out, with all that it called."""

LETTER: Final = 6.6
"""Pixels that a letter takes."""

STYLE: Final = "text{font:11px monospace;pointer-events:none}rect:hover{stroke:#000}"


@dataclass
class Call:
    """A function, called by another: in how many samples, and what it called."""

    count: int = 0
    called: dict[str, "Call"] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """How many are above one another, this one included."""
        return 1 + max((each.depth for each in self.called.values()), default=0)


def svg(stacks: Stacks, title: str) -> str:
    """A drawing: hover over a function to read what it is."""
    root = Call()
    for stack, count in stacks.seen.items():
        call = root
        call.count += count
        for name in stack:
            call = call.called.setdefault(name, Call())
            call.count += count
    height = TOP + ROW * root.depth
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height}" width="100%">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            f'<rect width="{WIDTH:g}" height="{height}" fill="#fff"/>',
            f'<text x="6" y="20">{escape(title)}</text>',
            *_drawn(root, "all", 0.0, 0, WIDTH / max(1, root.count), root.count),
            "</svg>\n",
        ]
    )


def html(stacks: Stacks, title: str) -> str:
    """A page with that drawing."""
    head = f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(title)}</title>'
    return f"{head}\n<body>\n{svg(stacks, title)}</body>\n</html>\n"


def text(stacks: Stacks, title: str) -> str:
    """The stacks themselves, for other tools."""
    del title
    return stacks.text()


FORMS: Final = {".svg": svg, ".html": html, ".txt": text}


def form_of(file: Path) -> Callable[[Stacks, str], str]:
    """What is to be written into a file of this name. Raises Trouble."""
    form = FORMS.get(file.suffix)
    if form is None:
        raise Trouble(f"{file} says no format: name a file that ends in {', '.join(FORMS)}.")
    if not file.absolute().parent.is_dir():
        raise Trouble(f"{file} cannot be written: there is no folder {file.parent}.")
    return form


def write(file: Path, content: str) -> None:
    """Write it. Raises Trouble."""
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise Trouble(f"{file} cannot be written: {error.strerror}.") from error


def _drawn(call: Call, name: str, x: float, row: int, each: float, of: int) -> Iterator[str]:
    width = call.count * each
    if width < NARROWEST:
        return
    y, share = TOP + row * ROW, 100 * call.count / max(1, of)
    says = f"{name}: {call.count} samples, {share:.1f} %"
    yield (
        f'<rect x="{x:.2f}" y="{y}" width="{max(width - 0.4, 0.2):.2f}" height="{ROW - 1}"'
        f' fill="{_color(name)}">'
        f"<title>{escape(says)}</title></rect>"
    )
    if (letters := int((width - 6) / LETTER)) > 2:  # fewer say nothing
        yield f'<text x="{x + 3:.2f}" y="{y + 12}">{escape(name[:letters])}</text>'
    for inner, inside in sorted(call.called.items()):
        yield from _drawn(inside, inner, x, row + 1, each, of)
        x += inside.count * each


def _color(name: str) -> str:
    """The same for all functions of a file."""
    number = zlib.crc32(name.rpartition("(")[2].encode())
    return f"hsl({20 + number % 40},80%,{68 + number % 13}%)"
