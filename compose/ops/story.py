"""What the four services say of one order, side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel

from schema.events import Event
from schema.expected import Expected, expected
from schema.feed import DeliveryEntry, Entry, OrderEntry, PageEntry, PaymentEntry
from schema.projection import RANK

Service = Literal["order", "payment", "delivery", "mypage"]

KINDS: Final[dict[Service, type[Entry]]] = {
    "order": OrderEntry,
    "payment": PaymentEntry,
    "delivery": DeliveryEntry,
    "mypage": PageEntry,
}
"""The services that have a feed, and what an entry of it is; causes before effects."""

F = TypeVar("F", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Damaged:
    """What a service says of an order, and what cannot be read in it."""

    order_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Story:
    """One order's entries; None where a service knows nothing of it, or what it says cannot be read.

    `rival` is another order that was met with the same customer's same key; `damaged` says by service what
    could not be read.
    """

    order_id: str
    order: OrderEntry | None = None
    payment: PaymentEntry | None = None
    delivery: DeliveryEntry | None = None
    mypage: PageEntry | None = None
    rival: OrderEntry | None = None
    damaged: tuple[tuple[Service, str], ...] = ()

    @classmethod
    def of(cls, order_id: str, said: Mapping[Service, Entry | Damaged | None]) -> "Story":
        """The story that services tell, each with its entry."""
        entries: dict[str, Any] = {
            name: entry for name, entry in said.items() if not isinstance(entry, Damaged)
        }
        damaged = tuple((name, entry.why) for name, entry in said.items() if isinstance(entry, Damaged))
        return cls(order_id, **entries, damaged=damaged)

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """What there is, by service."""
        for service in KINDS:
            entry: Entry | None = getattr(self, service)
            if entry is not None:
                yield service, entry

    def own(self) -> dict[str, Event]:
        """The facts by id, each as the service that tells it knows it."""
        entries = self.entries()
        return {fact.id: fact for name, entry in entries for fact in entry.facts if teller(fact) == name}

    def happened(self, kind: type[F]) -> F | None:
        """The fact of this kind, by the word of the service that tells it."""
        return next((fact for fact in self.own().values() if isinstance(fact, kind)), None)

    def facts(self) -> tuple[Event, ...]:
        """Every fact that anybody knows, once, in the order of their times and causes."""
        heard = {fact.id: fact for _, entry in self.entries() for fact in entry.facts}
        known = heard | self.own()
        return tuple(sorted(known.values(), key=lambda fact: (fact.at, RANK[fact.type])))

    def coming(self) -> Expected | None:
        """What is expected next, by all that is known; None also where nothing can be read."""
        facts = self.facts()
        return expected(facts) if facts else None

    def told(self) -> dict[str, datetime]:
        """When the broker confirmed each fact that was told, by its id."""
        return {moment.id: moment.at for _, entry in self.entries() for moment in entry.told}

    def untold(self) -> dict[str, datetime]:
        """Since when each fact waits to be told, by its id."""
        return {moment.id: moment.at for _, entry in self.entries() for moment in entry.untold}


def teller(fact: Event) -> str:
    """The service that tells this fact."""
    return fact.source.removeprefix("/services/")
