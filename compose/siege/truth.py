"""Whether everything that users were told is true afterwards, by the word of every service."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass

from compose.ops import audit
from compose.ops.addresses import Addresses
from compose.ops.audit import Progress, Report
from compose.ops.feeds import Feeds
from compose.ops.story import Story
from compose.ops.verdict import State
from compose.siege.answers import DECLINED, PENDING, PLACED
from compose.siege.tally import Tally
from schema.events import OrderCanceled, PaymentApproved, PaymentDeclined
from schema.views import OrderStatus

SETTLED_WITHIN = 75.0
"""Seconds until all that a siege began must be settled: what is not by then, the audit finds stuck."""

LOOK_EVERY = 1.0

PAID = {OrderStatus.PAID, OrderStatus.DELIVERING, OrderStatus.DELIVERED}


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What the audit found, how many were told of an order or a refusal, and each that is not so."""

    report: Report
    told: int
    untrue: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether everything is in order, and as it was told."""
        return self.report.clean and not self.untrue


async def look(addresses: Addresses, tally: Tally, progress: Progress = lambda _: None) -> Aftermath:
    """Audit until all is settled, and compare. Raises NoAnswer where a service does not answer."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SETTLED_WITHIN
    while True:
        report = await audit.run(addresses, progress=progress)
        if not report.states[State.YOUNG] or loop.time() > deadline:
            break
        await asyncio.sleep(LOOK_EVERY)
    async with Feeds(addresses) as feeds:
        untrue = [each async for each in _untrue(feeds, tally)]
    return Aftermath(report, len(tally.told) + len(tally.refused), tuple(untrue))


async def _untrue(feeds: Feeds, tally: Tally) -> AsyncIterator[str]:
    """Feeds are no snapshot: what seems untrue, or was not met, is looked up by itself."""
    suspects, unmet = set(), set(tally.told)
    async with aclosing(feeds.stories()) as stories:
        async for story in stories:
            unmet.discard(story.order_id)
            if any(lies(story, tally)):
                suspects.add(story.order_id)
    for order_id in sorted(suspects | unmet):
        for sentence in lies(await feeds.story(order_id), tally):
            yield f"order {order_id}: {sentence}"


def lies(story: Story, tally: Tally) -> Iterator[str]:
    """What a user was told of this order, or of its key, that is not so."""
    told = tally.told.get(story.order_id)
    if told and story.damaged:
        yield f"told {told}, and cannot be read"
    elif told and not story.order:
        yield f"told {told}, and there is no such order"
    elif told == PLACED:
        yield from _not_paid(story)
    elif told == DECLINED and not story.happened(PaymentDeclined):
        yield f"told {DECLINED}, and nobody declined it"
    elif told == PENDING and not (story.mypage and story.mypage.view):
        yield f"told {PENDING}, and MyPage does not show it"
    elif not told and story.order and story.order.idempotency_key in tally.refused:
        yield "told that nothing was ordered, and it stands"


def _not_paid(story: Story) -> Iterator[str]:
    view = story.mypage.view if story.mypage else None
    canceled = story.happened(OrderCanceled)
    if not story.happened(PaymentApproved):
        yield f"told {PLACED}, and it was never paid"
    elif canceled:
        yield f"told {PLACED}, and it is canceled ({canceled.reason})"
    elif view is None or view.status not in PAID:
        yield f"told {PLACED}, and MyPage shows {view.status if view else 'nothing'}"
