"""What `fruitstore audit` prints: what was found, once or again and again, for people or as JSON."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from compose.ops import audit
from compose.ops.addresses import Addresses
from compose.ops.audit import KEPT, Progress, Report
from compose.ops.plain import visible
from compose.ops.sheet import console, sheet
from compose.ops.story import Story
from compose.ops.verdict import State, Verdict
from compose.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Wish:
    """What to audit and how: the orders named, or all where none is."""

    addresses: Addresses
    grace: timedelta
    orders: tuple[str, ...] = ()
    as_json: bool = False


def once(wish: Wish) -> bool:
    """Audit and print; whether all was well. Raises Trouble where a service does not answer."""
    screen = _Screen(wish.as_json)
    report = asyncio.run(_audited(wish, screen))
    screen.show(report, report.found)
    return report.clean


def until_interrupted(wish: Wish, every: float) -> bool:
    """Audit every so many seconds until Ctrl-C, and print what is new; whether all was well all the time.

    A service that does not answer is said, and asked again. Raises Trouble where no audit came to its end.
    """
    watch = _Watch(wish, every)
    with suppress(KeyboardInterrupt):
        asyncio.run(watch.go_on())
    watch.conclude()
    return watch.clean


class _Watch:
    """Audits again and again; knows what it has said."""

    def __init__(self, wish: Wish, every: float) -> None:
        self.clean = True
        self._wish, self._every, self._screen = wish, every, _Screen(wish.as_json)
        self._last: Report | None = None
        self._said: set[tuple[str, str, str]] = set()
        self._trouble = ""

    async def go_on(self) -> None:
        """Never ends by itself."""
        while True:
            try:
                self._take_in(await _audited(self._wish, self._screen))
            except Trouble as trouble:
                if str(trouble) != self._trouble:
                    self._screen.trouble(trouble)
                self._trouble = str(trouble)
            with self._screen.waiting(self._last):
                await asyncio.sleep(self._every)

    def conclude(self) -> None:
        """How it was when it was looked at last. Raises Trouble where it never was."""
        if self._last is None:
            raise Trouble("No audit came to its end, so nothing is known: watch for longer.")
        self._screen.show(self._last, [])

    def _take_in(self, report: Report) -> None:
        self._last, self._trouble = report, ""
        self.clean = self.clean and report.clean
        if new := [verdict for verdict in report.found if self._is_new(verdict)]:
            self._screen.show(report, new)

    def _is_new(self, verdict: Verdict) -> bool:
        found = {(verdict.story.order_id, each.rule, each.says) for each in verdict.findings}
        new = found - self._said
        self._said |= found
        return bool(new)


async def _audited(wish: Wish, screen: "_Screen") -> Report:
    with screen.progress() as progress:
        return await audit.run(wish.addresses, grace=wish.grace, orders=wish.orders, progress=progress)


class _Screen:
    """Findings go to standard output, progress to standard error where that is a terminal."""

    def __init__(self, as_json: bool) -> None:  # noqa: FBT001 - the user's own flag, passed on
        self._as_json = as_json
        self._out, self._err = console(), Console(stderr=True)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Say on a terminal how far it is."""
        with self._err.status("Reading the feeds…") as status:
            shown = 0.0

            def say(report: Report) -> None:
                nonlocal shown
                if time.monotonic() - shown > 0.1:
                    shown = time.monotonic()
                    status.update(f"Reading the feeds: {summary(report)}")

            yield say

    def waiting(self, last: Report | None) -> AbstractContextManager[object]:
        """Say on a terminal how it was, until the next time."""
        return self._err.status(f"Looked: {summary(last)}" if last else "Waiting…")

    def trouble(self, trouble: Trouble) -> None:
        """One sentence, and go on."""
        typer.echo(f"fruitstore: {visible(str(trouble))}", err=True)

    def show(self, report: Report, found: list[Verdict]) -> None:
        """These findings, and the summary."""
        if self._as_json:
            typer.echo(json.dumps(as_json(report, found), ensure_ascii=False))
            return
        for verdict in found:
            self._out.print(sheet(verdict.story, verdict.findings, audit.utc_now()))
        if len(report.found) == KEPT:
            self._out.print(f"Only the first {KEPT:,} are shown.")
        self._out.print(Text(summary(report)))


def summary(report: Report) -> str:
    """One line: how many orders, and how they are."""
    states = ", ".join(f"{report.states[state]:,} {state}" for state in State)
    broken = "".join(f"; {rule} {count:,}" for rule, count in sorted(report.violations.items()))
    overdue = "".join(f"; {rule} {count:,}" for rule, count in sorted(report.overdue.items()))
    return f"{report.orders:,} orders: {states}{broken}{overdue}"


def as_json(report: Report, found: list[Verdict]) -> dict[str, Any]:
    """The report for programs; each finding with the entries of all services."""
    return {
        "orders": report.orders,
        **{str(state): report.states[state] for state in State},
        "violations": dict(report.violations),
        "overdue": dict(report.overdue),
        "found": [
            {
                "order_id": verdict.story.order_id,
                "state": str(verdict.state),
                "findings": [_finding(asdict(finding)) for finding in verdict.findings],
                "entries": entries_as_json(verdict.story),
            }
            for verdict in found
        ],
    }


def entries_as_json(story: Story) -> dict[str, Any]:
    """What each service says of an order."""
    return {service: entry.model_dump(mode="json") for service, entry in story.entries()}


def _finding(finding: dict[str, Any]) -> dict[str, Any]:
    return finding | {"since": finding["since"].isoformat() if finding["since"] else None}
