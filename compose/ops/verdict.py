"""Judges an order's story by the rules: whether it is in order, young, stuck, or broken."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from compose.ops import rules
from compose.ops.rules import Wait
from compose.ops.story import Story


class State(StrEnum):
    """How an order is; the last that applies."""

    OK = "ok"
    YOUNG = "young"
    STUCK = "stuck"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """Which rule does not hold, and how; `since` where it is a matter of time."""

    rule: str
    says: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A story, and what was found in it: all violations, or else all that is overdue."""

    story: Story
    state: State
    findings: tuple[Finding, ...] = ()


def judge(story: Story, now: datetime, grace: timedelta) -> Verdict:
    """Judge a story as of `now`; what is awaited for `grace` or longer is overdue.

    Of a story that cannot be read whole, no more can be said than that.
    """
    if unreadable := [Finding("can_be_read", f"{name} keeps {why}") for name, why in story.damaged]:
        return Verdict(story, State.BROKEN, tuple(unreadable))
    pressing, waiting = list(_waits(rules.IN_TIME, story)), list(_waits(rules.STILL_TO_DO, story))
    broken = [*_broken(story), *_overdue(pressing, now - grace)]
    if broken:
        return Verdict(story, State.BROKEN, tuple(broken))
    if stuck := _overdue(waiting, now - grace):
        return Verdict(story, State.STUCK, tuple(stuck))
    return Verdict(story, State.YOUNG if pressing or waiting else State.OK)


def _broken(story: Story) -> Iterator[Finding]:
    for rule in rules.NEVER_OTHERWISE:
        for says in rule(story):
            yield Finding(rule.__name__, says)


def _waits(timed: Sequence[Callable[[Story], Iterator[Wait]]], story: Story) -> Iterator[Finding]:
    for rule in timed:
        for says, since in rule(story):
            yield Finding(rule.__name__, says, since)


def _overdue(waits: Sequence[Finding], limit: datetime) -> list[Finding]:
    return [wait for wait in waits if wait.since is not None and wait.since <= limit]
