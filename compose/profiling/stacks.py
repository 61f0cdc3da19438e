"""Stacks of calls, and how often each was seen."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

LINE = re.compile(r":\d+\)$")


@dataclass(frozen=True)
class Function:
    """One function: in how many samples it ran itself, and in how many it or what it called."""

    name: str
    own: int
    total: int


@dataclass(frozen=True)
class Stacks:
    """How often each stack was seen, the outermost function first."""

    seen: Counter[tuple[str, ...]]

    @classmethod
    def read(cls, lines: Iterable[str]) -> Self:
        """`main (app.py:3);work (app.py:7) 12`: a stack and a count, as py-spy writes them."""
        seen: Counter[tuple[str, ...]] = Counter()
        for line in lines:
            stack, _, count = line.rpartition(" ")
            if stack and count.isdigit():
                seen[tuple(LINE.sub(")", frame) for frame in stack.split(";"))] += int(count)
        return cls(seen)

    @property
    def samples(self) -> int:
        """How many there are in all."""
        return self.seen.total()

    def functions(self) -> list[Function]:
        """All of them, those first that ran most themselves."""
        own: Counter[str] = Counter()
        total: Counter[str] = Counter()
        for stack, count in self.seen.items():
            own[stack[-1]] += count
            total.update(dict.fromkeys(stack, count))
        return sorted((Function(name, own[name], total[name]) for name in total), key=lambda f: -f.own)

    def text(self) -> str:
        """As they were read, without lines."""
        return "".join(f"{';'.join(stack)} {count}\n" for stack, count in sorted(self.seen.items()))
