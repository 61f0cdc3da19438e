"""Takes facts in, many at once: few questions to the database, and to each fact its own outcome."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from schema.events import Event
from services.chassis.aggregates import ConflictError
from services.chassis.patience import is_away
from services.mypage.projection import Change, Page, take_in


class Pages(Protocol):
    """Where pages are kept."""

    async def load_all(self, order_ids: Collection[str]) -> Mapping[str, Page]:
        """Find the pages that these orders have."""
        ...

    async def keep_all(self, changes: Sequence[Change]) -> Mapping[str, Exception]:
        """Keep pages, one of an order, each in place of the one it was made from; why not, for the others.

        A ConflictError may also be said of one that was kept: load it again. Raises what concerns them all.
        """
        ...

    async def note_all(self, facts: Sequence[Event]) -> None:
        """Known facts were heard: take note of when, unless that is known too."""
        ...


Rebuilt = Callable[[], Awaitable[Pages | None]]
"""The pages that are being made to replace the others, if any are."""


class Taken(NamedTuple):
    """The page that a fact is in now, and whether it was new there."""

    page: Page
    new: bool


Outcome = Taken | Exception
"""What became of one fact of many."""


async def no_others() -> None:
    """None are."""


async def take_in_all(
    facts: Sequence[Event], pages: Pages, rebuilt: Rebuilt = no_others
) -> Sequence[Outcome]:
    """Take facts in together; what became of each.

    What fails in company is tried alone, for it may fail because of another.
    """
    outcomes = await _together(facts, pages, rebuilt)
    if len(facts) == 1 or all(isinstance(each, Taken) for each in outcomes):
        return outcomes

    async def at_last(fact: Event, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Taken) or is_away(outcome):
            return outcome
        [alone] = await _together([fact], pages, rebuilt)
        return alone

    return await asyncio.gather(*map(at_last, facts, outcomes))


async def _together(facts: Sequence[Event], pages: Pages, rebuilt: Rebuilt) -> Sequence[Outcome]:
    """First where pages are being rebuilt: those never lack what the live ones have."""
    outcomes: dict[int, Outcome] = {}
    try:
        for where in (await rebuilt(), pages):
            if where is not None:
                failed = {number for number, each in outcomes.items() if isinstance(each, Exception)}
                rest = {number: fact for number, fact in enumerate(facts) if number not in failed}
                outcomes |= await _kept(rest, where)
    except Exception as error:  # noqa: BLE001 # whoever brought one of them is to meet it
        return [error] * len(facts)
    return [outcomes[number] for number in range(len(facts))]


async def _kept(facts: Mapping[int, Event], pages: Pages) -> dict[int, Outcome]:
    """What became of each, by its number; all over again where somebody else has changed its page."""
    outcomes: dict[int, Outcome] = {}
    while left := {number: fact for number, fact in facts.items() if number not in outcomes}:
        orders: dict[str, dict[int, Event]] = {}
        for number, fact in left.items():
            orders.setdefault(fact.order_id, {})[number] = fact
        olds = await pages.load_all(orders)
        shares = {order_id: _Share(olds.get(order_id), told) for order_id, told in orders.items()}
        await pages.note_all([fact for share in shares.values() for fact in share.known])
        failed = await pages.keep_all([share.change for share in shares.values() if share.change])
        for order_id, share in shares.items():
            outcomes |= share.outcomes(failed.get(order_id))
    return outcomes


class _Share:
    """Facts about one order, by their numbers, and the page that they make of the one that was there."""

    def __init__(self, old: Page | None, facts: Mapping[int, Event]) -> None:
        heard = {fact.id for fact in old.facts} if old else set()
        self.known = [fact for fact in facts.values() if fact.id in heard]
        self._taken: dict[int, Taken] = {}
        page = old
        for number, fact in facts.items():
            before, page = page, take_in(page, fact)
            self._taken[number] = Taken(page, page is not before)
        self.change: Change | None = (page, old) if page and page is not old else None

    def outcomes(self, error: Exception | None) -> dict[int, Outcome]:
        """What became of each, where this kept the page from being kept; nothing, where that is not known.

        All are in the last page: that is the one to be announced.
        """
        if isinstance(error, ConflictError):
            return {}
        if error:
            return dict.fromkeys(self._taken, error)
        [*_, last] = self._taken.values()
        return {number: Taken(last.page, taken.new) for number, taken in self._taken.items()}
