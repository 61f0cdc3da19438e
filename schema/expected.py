"""What has yet to be told of an order, by whom, and since when."""

from collections.abc import Iterable
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from schema.events import Event, PaymentCanceled

Room = Literal["order", "payment", "delivery"]


class Expected(BaseModel):
    """The fact that comes next, unless something else happens: its type, who tells it, and since when.

    `open_ended` where no machine decides when: a delivery takes as long as the courier takes.
    """

    model_config = ConfigDict(frozen=True)

    type: str
    by: Room
    since: AwareDatetime
    open_ended: bool = False


def expected(facts: Iterable[Event]) -> Expected | None:
    """What a set of facts about one order calls for; None where its story is over.

    Neither the order of the facts nor their repetition matters. A fact whose consequence is known but which
    is itself missing is expected too: it was told, and has not come. Raises ValueError where there are none.
    """
    known: dict[str, Event] = {fact.type: fact for fact in facts}
    if not known:
        raise ValueError("nothing is known of this order")
    return _missing(known) or _next(known)


def _missing(known: dict[str, Event]) -> Expected | None:
    """A fact without which another that is known could not have happened."""
    missing = [
        _expect(earlier, known[later])
        for later, earlier in _causes(known)
        if later in known and earlier not in known
    ]
    return min(missing, key=lambda each: (each.since, each.type), default=None)


def _causes(known: dict[str, Event]) -> list[tuple[str, str]]:
    """Consequence and cause, as far as what is known tells them."""
    causes = [(kind, "order.placed") for kind in known]
    canceled = known.get("payment.canceled")
    if isinstance(canceled, PaymentCanceled):
        causes.append(("payment.canceled", "order.canceled"))
        if canceled.approved:
            causes.append(("payment.canceled", "payment.approved"))
    stopped = known.get("delivery.canceled")
    if stopped is not None:
        causes.append(("delivery.canceled", "payment.canceled"))
        if getattr(stopped, "started", False):
            causes.append(("delivery.canceled", "delivery.started"))
    return [
        *causes,
        ("delivery.return_requested", "payment.canceled"),
        ("delivery.return_requested", "delivery.completed"),
        ("delivery.completed", "delivery.started"),
        ("delivery.started", "payment.approved"),
    ]


def _next(known: dict[str, Event]) -> Expected | None:
    """What follows from what is known, every cause of which is known too."""
    if "payment.declined" in known:
        return None
    if canceled := known.get("order.canceled"):
        answered = known.get("payment.canceled")
        if answered is None:
            return _expect("payment.canceled", canceled)
        paid = isinstance(answered, PaymentCanceled) and answered.approved
        over = not paid or {"delivery.canceled", "delivery.return_requested"} & known.keys()
        return None if over else _expect("delivery.canceled", answered)
    if "delivery.completed" in known:
        return None
    if started := known.get("delivery.started"):
        return _expect("delivery.completed", started, open_ended=True)
    if approved := known.get("payment.approved"):
        return _expect("delivery.started", approved)
    return _expect("payment.approved", known["order.placed"])


def _expect(kind: str, after: Event, *, open_ended: bool = False) -> Expected:
    room: Room = (
        "order" if kind.startswith("order.") else "payment" if kind.startswith("payment.") else "delivery"
    )
    return Expected(type=kind, by=room, since=after.at, open_ended=open_ended)
