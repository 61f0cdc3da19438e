"""Facts into aggregates, many at once: few questions to the database, and to each fact its own outcome."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from schema.events import Event
from services.chassis.aggregates import Aggregate, Change, ConflictError, Store
from services.chassis.carried import Carried
from services.chassis.patience import is_away

A = TypeVar("A", bound=Aggregate)


class Heard(NamedTuple):
    """A fact that was heard, and what it came of."""

    fact: Event
    cause: Carried = Carried()


class Taken(NamedTuple, Generic[A]):
    """The aggregate before and after a fact: the same, where that changed nothing."""

    before: A | None
    after: A | None


Decide = Callable[[A | None, Event], A | None]
"""Gives the new state, or what it was given where nothing is to change. Raises whatever is wrong with it."""


def taken(outcome: Taken[A] | Exception) -> Taken[A]:
    """What became of a fact. Raises what kept it from being taken in."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def take_in_all(
    heard: Sequence[Heard], store: Store[A], decide: Decide[A]
) -> Sequence[Taken[A] | Exception]:
    """Load, decide, keep, for all of them together; what became of each.

    Over again for those whose aggregate somebody else has changed. What fails in company is tried alone, for
    it may fail because of another.
    """
    outcomes = await _together(heard, store, decide)

    async def at_last(each: Heard, outcome: Taken[A] | Exception) -> Taken[A] | Exception:
        if isinstance(outcome, Taken) or is_away(outcome):
            return outcome
        [alone] = await _together([each], store, decide)
        return alone

    return outcomes if len(heard) == 1 else await asyncio.gather(*map(at_last, heard, outcomes))


async def _together(
    heard: Sequence[Heard], store: Store[A], decide: Decide[A]
) -> Sequence[Taken[A] | Exception]:
    outcomes: dict[int, Taken[A] | Exception] = {}
    try:
        while left := {number: each for number, each in enumerate(heard) if number not in outcomes}:
            orders: dict[str, dict[int, Heard]] = {}
            for number, each in left.items():
                orders.setdefault(each.fact.order_id, {})[number] = each
            olds = await store.load_all(orders)
            shares = [_Share(olds.get(order_id), theirs, decide) for order_id, theirs in orders.items()]
            failed = await store.keep_all([share.change for share in shares if share.change])
            for share in shares:
                outcomes |= share.outcomes(failed)
    except Exception as error:  # noqa: BLE001 # whoever brought one of them is to meet it
        return [error] * len(heard)
    return [outcomes[number] for number in range(len(heard))]


class _Share(Generic[A]):
    """Facts about one order, by their numbers, and what they make of its aggregate, one after another."""

    def __init__(self, old: A | None, heard: Mapping[int, Heard], decide: Decide[A]) -> None:
        self._outcomes: dict[int, Taken[A] | Exception] = {}
        self.change: Change[A] | None = None
        state = old
        for number, (fact, cause) in heard.items():
            try:
                new = decide(state, fact)
            except Exception as error:  # noqa: BLE001 # it is this fact's own
                self._outcomes[number] = error
                continue
            self._outcomes[number] = Taken(state, new)
            if new is not None and new is not state:
                self.change, state = Change(old, new, cause), new

    def outcomes(self, failed: Mapping[str, Exception]) -> dict[int, Taken[A] | Exception]:
        """What became of each; nothing, where that is not known because somebody else came first."""
        error = failed.get(self.change.new.order_id) if self.change else None
        if isinstance(error, ConflictError):
            return {}
        return dict.fromkeys(self._outcomes, error) if error else self._outcomes
