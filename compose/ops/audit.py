"""The audit: reads what every service says of every order, and reports where it does not add up.

Feeds are not a snapshot: while they are read, things move. So whatever looks wrong is read again, one order
at a time and effects before causes, and is reported only if it is found wrong in the same way each time.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from compose.ops.addresses import Addresses
from compose.ops.feeds import Feeds
from compose.ops.keys import Keys
from compose.ops.verdict import State, Verdict, judge
from compose.trouble import Trouble
from schema.feed import OrderEntry

GRACE = timedelta(seconds=60)

LOOKS = (0.1, 0.5, 1.5)
"""Seconds to wait before each further look at what seems wrong."""

SUSPECTS_AT_ONCE = 200
"""How many are looked at again together."""

KEPT = 1000
"""Findings beyond so many are counted, and not kept."""

Clock = Callable[[], datetime]


@dataclass(slots=True)
class Report:
    """What an audit found. `violations` counts broken orders by the rules that they break."""

    orders: int = 0
    states: Counter[State] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    overdue: Counter[str] = field(default_factory=Counter)
    found: list[Verdict] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing is broken or stuck."""
        return not (self.states[State.BROKEN] or self.states[State.STUCK])

    def add(self, verdict: Verdict) -> None:
        """Count a verdict, and keep it where something was found."""
        self.orders += 1
        self.states[verdict.state] += 1
        if not verdict.findings:
            return
        counted = self.violations if verdict.state is State.BROKEN else self.overdue
        counted.update({finding.rule for finding in verdict.findings})
        if len(self.found) < KEPT:
            self.found.append(verdict)


Progress = Callable[[Report], None]


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


async def run(
    addresses: Addresses,
    *,
    grace: timedelta = GRACE,
    orders: Iterable[str] = (),
    clock: Clock = utc_now,
    progress: Progress = lambda _: None,
) -> Report:
    """Audit a running system: these orders, or all. Raises NoAnswer where a service does not.

    What is unsettled for `grace` or longer is stuck. That no key leads to two orders is seen only where all
    are read.
    """
    async with Feeds(addresses) as feeds:
        audit = _Audit(feeds, grace, clock, progress)
        named = tuple(dict.fromkeys(orders))
        await (audit.look_at(named) if named else audit.look_at_all())
        return audit.report


@dataclass(frozen=True, slots=True)
class _Suspect:
    """An order to look at again, and the other order that seems to have its key."""

    order_id: str
    rival: str | None = None


class _Audit:
    """One audit; what is not suspicious is counted at once, what is, after some further looks."""

    def __init__(self, feeds: Feeds, grace: timedelta, clock: Clock, progress: Progress) -> None:
        self.report = Report()
        self._feeds, self._grace, self._clock, self._progress = feeds, grace, clock, progress

    async def look_at_all(self) -> None:
        """Read all feeds side by side; memory does not grow with them."""
        suspects: list[_Suspect] = []
        with Keys() as keys:
            async with aclosing(self._feeds.stories()) as stories:
                async for story in stories:
                    verdict = judge(story, self._clock(), self._grace)
                    rival = keys.rival(story.order) if story.order else None
                    if not rival and not verdict.findings:
                        self._count(verdict)
                        continue
                    suspects.append(_Suspect(story.order_id, rival))
                    if len(suspects) == SUSPECTS_AT_ONCE:
                        await self._look_again(suspects)
                        suspects = []
        await self._look_again(suspects)

    async def look_at(self, order_ids: Iterable[str]) -> None:
        """Read these orders alone. Raises Trouble where nobody knows one."""
        for order_id in order_ids:
            story = await self._feeds.story(order_id)
            if not story.damaged and not any(story.entries()):
                raise Trouble(f"No service knows an order {order_id}: check the id.")
            await self._look_again([_Suspect(order_id)])

    async def _look_again(self, suspects: list[_Suspect]) -> None:
        """Look until each is well, or was wrong in the same way at every look."""
        standing: dict[_Suspect, Verdict | None] = dict.fromkeys(suspects)
        for pause in LOOKS:
            if not standing:
                return
            await asyncio.sleep(pause)
            looks = await asyncio.gather(*(self._look(suspect) for suspect in standing))
            for suspect, verdict in zip(tuple(standing), looks, strict=True):
                standing[suspect] = _still(standing[suspect], verdict)
                if not verdict.findings:
                    self._count(verdict)
                    del standing[suspect]
        for last in standing.values():
            if last is not None:
                self._count(last)

    async def _look(self, suspect: _Suspect) -> Verdict:
        story = await self._feeds.story(suspect.order_id)
        if suspect.rival:  # read after it: an order never gets back a key that it gave up
            rival = await self._feeds.entry("order", suspect.rival)
            story = replace(story, rival=rival if isinstance(rival, OrderEntry) else None)
        return judge(story, self._clock(), self._grace)

    def _count(self, verdict: Verdict) -> None:
        self.report.add(verdict)
        self._progress(self.report)


def _still(before: Verdict | None, now: Verdict) -> Verdict:
    """What was wrong before and still is; what only came up meanwhile is left to the next audit."""
    if before is None:
        return now
    known = {(finding.rule, finding.says) for finding in before.findings}
    still = tuple(finding for finding in now.findings if (finding.rule, finding.says) in known)
    return replace(now, findings=still, state=now.state if still else State.YOUNG)
