"""Folds facts into an order's page; a pure function of the set of facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schema.events import Event
from schema.expected import expected
from schema.projection import project
from schema.views import OrderView


@dataclass(frozen=True)
class Page:
    """What is known of one order. `view` is None while its OrderPlaced has not come."""

    order_id: str
    facts: tuple[Event, ...]
    view: OrderView | None

    @property
    def version(self) -> int:
        """How many facts have been taken in."""
        return len(self.facts)

    @property
    def awaited_since(self) -> datetime | None:
        """Since when a fact is due that machines tell; None where none is, or only the courier's."""
        next_one = expected(self.facts)
        return None if next_one is None or next_one.open_ended else next_one.since


Change = tuple[Page, Page | None]
"""A page, and the one that it takes the place of, if there is one."""


def take_in(page: Page | None, fact: Event) -> Page:
    """The page with one more fact; the same page where the fact is known."""
    known = page.facts if page else ()
    if page and any(each.id == fact.id for each in known):
        return page
    return page_of(fact.order_id, (*known, fact))


def page_of(order_id: str, facts: Iterable[Event]) -> Page:
    """The page that facts about one order, each once, add up to."""
    known = tuple(sorted(facts, key=lambda each: (each.at, each.id)))
    return Page(order_id, known, project(known))
