"""Marks on a plane of seconds and values, as SVG."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT = 960, 64, 16


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the picture: `top` and `height` in pixels; what it shows ends at `seconds` and `highest`."""

    top: float
    height: float
    seconds: float
    highest: float

    def x(self, second: float) -> float:
        """Where a second is."""
        return LEFT + (WIDTH - LEFT - RIGHT) * second / self.seconds

    def y(self, value: float) -> float:
        """Where a value is."""
        return self.top + self.height * (1 - value / self.highest)

    def bar(self, begins: float, ends: float, low: float, high: float, look: str, says: str) -> str:
        """From one second to another and from a value to another; `says` is shown on it."""
        x, y = self.x(begins), self.y(high)
        width, height = self.x(ends) - x, self.y(low) - y
        return (
            f'<rect class="{look}" x="{x:.2f}" y="{y:.2f}" width="{max(width - 0.5, 0.5):.2f}"'
            f' height="{height:.2f}"><title>{escape(says)}</title></rect>'
        )

    def line(self, points: Iterable[tuple[float, float]], look: str) -> str:
        """Through these."""
        path = " ".join(f"{self.x(second):.2f},{self.y(value):.2f}" for second, value in points)
        return f'<polyline class="line {look}" points="{path}"/>'

    def text(self, x: float, y: float, says: str, anchor: str = "start") -> str:
        """A few words."""
        return f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}">{escape(says)}</text>'

    def heights(self, unit: str) -> Iterator[str]:
        """A scale of values."""
        for value in ticks(self.highest, 4):
            y = self.y(value)
            yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.2f}" y2="{y:.2f}"/>'
            yield self.text(LEFT - 8, y + 4, f"{value:g}{unit}", "end")

    def times(self) -> Iterator[str]:
        """A scale of seconds, below."""
        for second in ticks(self.seconds, 10):
            yield self.text(self.x(second), self.top + self.height + 16, f"{second:g} s", "middle")


def ticks(highest: float, about: int) -> list[float]:
    """Round numbers from 0 to the highest, about so many."""
    rough = highest / about
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * each for each in (1, 2, 5, 10) if size * each >= rough)
    return [step * number for number in range(int(highest / step + 1e-9) + 1)]
