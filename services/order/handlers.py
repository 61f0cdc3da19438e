"""What the order service does when asked, and when it hears."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schema.events import Event
from schema.fruit import Fruit
from schema.requests import CancelOrder, FindOrders, PlaceOrder, Problem, ProblemCode
from services.chassis.aggregates import ConflictError, Store, change
from services.chassis.clock import Clock
from services.chassis.taking_in import Heard, Taken, take_in_all, taken
from services.order import domain
from services.order.domain import Key, Order, TooLate


class Orders(Store[Order], Protocol):
    """Where orders are kept. Adding a second order of one customer's key is a conflict."""

    async def by_keys(self, keys: Collection[Key]) -> Mapping[Key, Order]:
        """Find the orders that intentions led to."""
        ...

    async def awaiting_payment_since(self, at: datetime, limit: int) -> list[Order]:
        """Find orders that have waited for payment since then or longer, oldest first."""
        ...

    async def awaiting_answer_since(self, at: datetime, limit: int) -> list[Order]:
        """Find orders that have waited for another answer since then or longer, oldest first."""
        ...


@dataclass(frozen=True)
class Placed:
    """The order stands as it is; `new` if it did not before."""

    order: Order
    new: bool


class UnknownOrderError(Exception):
    """A fact about an order that was never placed here."""


async def place(
    command: PlaceOrder, orders: Orders, catalogue: Mapping[str, Fruit], new_id: str, clock: Clock
) -> Placed | Problem:
    """Place an order, or find the one that the same intention placed before."""
    fruit = catalogue.get(command.fruit_id)
    if fruit is None:  # it may have been on sale when the same intention was sent first
        known = await _by_key(command, orders)
        again = known and domain.is_same_intention(known, command)
        outcome = await _placed_before(command, known, orders, clock) if known and again else None
        return outcome or Problem(field="fruit_id", code=ProblemCode.UNKNOWN_FRUIT)
    while True:
        order = domain.place(command, fruit, new_id, clock())
        try:
            await orders.add(order)
        except ConflictError:
            known = await _by_key(command, orders)
            if known is not None and (outcome := await _placed_before(command, known, orders, clock)):
                return outcome
        else:
            return Placed(order, new=True)


async def find(command: FindOrders, orders: Orders) -> list[Order | Problem | None]:
    """Find what the same intentions placed before, of each in turn; None where nothing was."""
    known = await orders.by_keys({_key(each) for each in command.intentions})
    return [
        (order := known.get(_key(each))) and (_problem(each, order) or order) for each in command.intentions
    ]


async def _by_key(command: PlaceOrder, orders: Orders) -> Order | None:
    return (await orders.by_keys({_key(command)})).get(_key(command))


def _key(command: PlaceOrder) -> Key:
    return Key(command.customer_id, command.idempotency_key)


async def _placed_before(
    command: PlaceOrder, known: Order, orders: Orders, clock: Clock
) -> Placed | Problem | None:
    """Another attempt at a known order; None where its key has just become free."""
    if problem := _problem(command, known):
        return problem
    order = await change(
        orders, known.order_id, lambda order: order and domain.try_again(order, clock()), known
    )
    if order is None or order.idempotency_key is None:
        return None
    return _problem(command, order) or Placed(order, new=False)


def _problem(command: PlaceOrder, known: Order) -> Problem | None:
    if not domain.is_same_intention(known, command):
        return Problem(field="idempotency_key", code=ProblemCode.KEY_USED_FOR_OTHER_INPUT)
    if domain.is_canceled(known):
        return Problem(field="idempotency_key", code=ProblemCode.KEY_OF_CANCELED_ORDER)
    return None


async def cancel(order_id: str, command: CancelOrder, orders: Orders, clock: Clock) -> Order | TooLate | None:
    """Cancel a customer's order; None where the customer has no such order."""
    refused: list[TooLate] = []

    def decide(order: Order | None) -> Order | None:
        refused.clear()
        if order is None or order.customer_id != command.customer_id:
            return None
        outcome = domain.cancel(order, command.reason, clock(), attempt=command.attempt)
        if isinstance(outcome, TooLate):
            refused.append(outcome)
            return order
        return outcome

    order = await change(orders, order_id, decide)
    if order is None or order.customer_id != command.customer_id:
        return None
    return refused[0] if refused else order


async def hear(fact: Event, orders: Orders, clock: Clock) -> None:
    """Take in what payment or delivery tells. Raises UnknownOrderError."""
    [outcome] = await hear_all([Heard(fact)], orders, clock)
    taken(outcome)


async def hear_all(
    heard: Sequence[Heard], orders: Orders, clock: Clock
) -> Sequence[Taken[Order] | Exception]:
    """Take in what payment and delivery tell; UnknownOrderError is said of one whose order is not there."""

    def decide(order: Order | None, fact: Event) -> Order:
        if order is None:
            raise UnknownOrderError(fact.order_id)
        return domain.take_in(order, fact, clock())

    return await take_in_all(heard, orders, decide)
