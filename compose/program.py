"""What the supervisor must know of a program to keep it running."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Probe = Callable[[], Awaitable[bool]]
"""Asks a program something, yes or no. It answers within a few seconds and never raises."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program of a stack.

    `after` names the programs that must be ready before this one is started for the first time; `tier` orders
    the stopping: the lowest goes first, and those of one tier go together. `grace` is how many seconds it may
    take to stop when asked to. `mend` is done after each start, between its answering and its being ready.
    `niceness` is how far it lets others go first where there is not enough CPU for all (nice(1)).
    `ready` says whether it can work, `alive` whether it would not be better started anew: it must ask about
    nothing outside of the program.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    port: int
    url: str
    ready: Probe
    after: tuple[str, ...] = ()
    tier: int = 0
    grace: float = 10.0
    niceness: int = 0
    alive: Probe | None = None
    mend: Callable[[], Awaitable[None]] | None = None
