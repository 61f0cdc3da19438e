"""Customers who order, cancel, lose patience and try again, and a log of every answer they got."""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.drills.system import System
from tests.stories.customer import CANCEL, PLACE, Caller, Json

LOST = "LOST"
"""No answer, or none that could be read: what was asked may or may not have been done."""

ANSWERED_WITHIN_SECONDS = 4.0
PATIENCE_SECONDS = 45.0
"""How long a customer goes on asking for the same thing."""

PLACING_ENDS_WITH = {"OrderPlaced", "PaymentPending", "PaymentDeclined", "InvalidOrder"}
CANCELING_ENDS_WITH = {"OrderCanceled", "OrderNotCancelable", "OrderNotFound"}

DECLINED, CANCELED, SENT_TWICE, IMPATIENT = 0.1, 0.25, 0.2, 0.1
"""The share of orders that are meant to be declined, to be canceled, to be sent again, to be hung up on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a customer was told: a type of the schema, an error's code, or LOST."""

    kind: str
    order_id: str | None = None
    amount: int | None = None


@dataclass(slots=True)
class Intention:
    """One thing that a customer wants, under one key, and all that was answered. The address is its own."""

    customer: str
    key: str
    address: str
    fruit: str
    quantity: int
    method: str
    answers: list[Answer] = field(default_factory=list)
    cancellations: list[Answer] = field(default_factory=list)

    def told(self, kind: str) -> set[str]:
        """The orders that the customer was told this of."""
        told = (*self.answers, *self.cancellations)
        return {each.order_id for each in told if each.kind == kind and each.order_id}


class Crowd:
    """Several customers at once, each with randomness of its own."""

    def __init__(self, system: System, name: str, seed: int, size: int, pause: float) -> None:
        self.intentions: list[Intention] = []
        self.callers: list[Caller] = []
        self._system = system
        self.name = name
        self._seed = seed
        self._size = size
        self._pause = pause
        self._closed = asyncio.Event()

    @property
    def customers(self) -> list[str]:
        """Their names."""
        return [caller.name for caller in self.callers]

    @property
    def told(self) -> Counter[str]:
        """How often each kind of answer was given."""
        return Counter(
            answer.kind for each in self.intentions for answer in (*each.answers, *each.cancellations)
        )

    async def sign_in(self, opened: AsyncExitStack) -> None:
        """Get everybody a token."""
        timeout = aiohttp.ClientTimeout(total=ANSWERED_WITHIN_SECONDS)
        session = await opened.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        run = uuid.uuid4().hex[:6]
        for number in range(self._size):
            name = f"{self.name}-{run}-{number}"
            async with session.post(f"{self._system.http}/dev/token", json={"customerId": name}) as response:
                token = (await response.json())["token"]
            self.callers.append(Caller(self._system.http, session, name, token))

    async def shop(self) -> None:
        """Order on until closed; what was begun is brought to its end."""
        await asyncio.gather(*(self._live(caller, number) for number, caller in enumerate(self.callers)))

    async def orders_and_cancels(self) -> str:
        """Let the first customer order something and cancel it, however long it takes; the order's id."""
        caller = self.callers[0]
        intention = Intention(caller.name, uuid.uuid4().hex, f"서울 {caller.name}", "apple", 1, "card-ok")
        self.intentions.append(intention)
        order_id = await _insisting(lambda: _placed_once(caller, intention), PLACING_ENDS_WITH)
        assert order_id, intention
        await _insisting(lambda: _canceled_once(caller, intention, order_id), CANCELING_ENDS_WITH)
        assert intention.told("OrderCanceled"), intention
        return order_id

    def close(self) -> None:
        """Let everybody finish."""
        self._closed.set()

    async def _live(self, caller: Caller, number: int) -> None:
        chance = random.Random(f"{self._seed}/{self.name}/{number}")  # noqa: S311 # no secret: a seed
        count = 0
        while not self._closed.is_set():
            count += 1
            intention = _wanted(caller.name, count, chance)
            self.intentions.append(intention)
            await _carried_out(caller, intention, chance)
            await asyncio.sleep(chance.uniform(0, 2 * self._pause))


def _wanted(customer: str, count: int, chance: random.Random) -> Intention:
    return Intention(
        customer=customer,
        key=f"key-{count}",
        address=f"서울 {customer} {count}",
        fruit=chance.choice(["apple", "pear"]),
        quantity=chance.randint(1, 9),
        method="card-declined" if chance.random() < DECLINED else "card-ok",
    )


async def _carried_out(caller: Caller, intention: Intention, chance: random.Random) -> None:
    """Order, perhaps once more with the same key, and perhaps cancel, as a client of ours would."""
    if chance.random() < IMPATIENT:
        await _placed_once(caller, intention, seconds=chance.uniform(0.01, 0.3))
    order_id = await _insisting(lambda: _placed_once(caller, intention), PLACING_ENDS_WITH)
    if chance.random() < SENT_TWICE:
        await _insisting(lambda: _placed_once(caller, intention), PLACING_ENDS_WITH)
    if order_id and chance.random() < CANCELED:
        await asyncio.sleep(chance.uniform(0, 1.5))
        await _insisting(lambda: _canceled_once(caller, intention, order_id), CANCELING_ENDS_WITH)


async def _insisting(ask: Callable[[], Awaitable[tuple[Answer, float]]], final: set[str]) -> str | None:
    """Ask until the answer is final, or patience ends; the order that it is about."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_SECONDS
    while True:
        answer, wait = await ask()
        if answer.kind in final:
            return answer.order_id
        if loop.time() > deadline:
            return None
        await asyncio.sleep(wait)


async def _placed_once(
    caller: Caller, intention: Intention, seconds: float = ANSWERED_WITHIN_SECONDS
) -> tuple[Answer, float]:
    order = {
        "fruitId": intention.fruit,
        "quantity": intention.quantity,
        "address": intention.address,
        "paymentMethod": intention.method,
        "idempotencyKey": intention.key,
    }
    answer, wait = await _asked(caller, PLACE, {"input": order}, seconds)
    intention.answers.append(answer)
    return answer, wait


async def _canceled_once(caller: Caller, intention: Intention, order_id: str) -> tuple[Answer, float]:
    answer, wait = await _asked(caller, CANCEL, {"id": order_id}, ANSWERED_WITHIN_SECONDS)
    intention.cancellations.append(answer)
    return answer, wait


async def _asked(caller: Caller, query: str, variables: Json, seconds: float) -> tuple[Answer, float]:
    """The answer, and after how many seconds to ask again where it settles nothing."""
    try:
        async with asyncio.timeout(seconds):
            said = await caller.ask(query, variables)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return Answer(LOST), 0.2
    if errors := said.get("errors"):
        return Answer(errors[0]["extensions"]["code"]), 0.2
    outcome: dict[str, Any] = next(iter(said["data"].values()))
    order = outcome.get("order") or {}
    answer = Answer(outcome["__typename"], order.get("id") or outcome.get("orderId"), order.get("amount"))
    return answer, min(outcome.get("retryAfterMs", 0) / 1000, 1.0)
