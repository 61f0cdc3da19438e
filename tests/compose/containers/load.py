"""Users who order through the edge, one after the other thing, and a count of what they were answered."""

import asyncio
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import aiohttp

PLACE = """mutation ($input: PlaceOrderInput!) { outcome: placeOrder(input: $input) {
  __typename
  ... on OrderPlaced { order { id version } }
  ... on PaymentPending { order { id version } }
  ... on PaymentDeclined { order { id version } }
  ... on PaymentUnavailable { retryAfterMs }
} }"""
CANCEL = "mutation ($id: ID!) { outcome: cancelOrder(orderId: $id) { __typename } }"
PAGE = """query ($after: String) { myOrders(first: 50, after: $after) {
  resumeFrom edges { node { id status cancelReason version } } pageInfo { hasNextPage endCursor }
} }"""

ANSWERED_WITHIN_SECONDS = 30.0
TIMES, AGAIN_AFTER_SECONDS = 10, 0.5
"""How often a user asks for the same, where the answer is "not now"."""

IN_A_ROW = 3
"""So often somebody may be told "not now" of the same thing: more is an outage."""

DECLINED, CANCELED = 0.1, 0.2
"""The share of orders that are meant to be declined, or canceled."""


class Kind(StrEnum):
    """What an answer is."""

    ORDERED = "ordered"
    DECLINED = "declined"
    PENDING = "pending"
    TRY_LATER = "try later"
    UNAVAILABLE = "not now"
    """SERVICE_UNAVAILABLE: something needed took too long; to be sent again, under the same key."""
    CANCELED = "canceled"
    SHOWN = "shown"
    LOST = "no answer"
    STATUS = "HTTP 5xx"
    MALFORMED = "malformed"


BAD = {Kind.LOST, Kind.STATUS, Kind.MALFORMED}
KINDS = {
    "OrderPlaced": Kind.ORDERED,
    "PaymentDeclined": Kind.DECLINED,
    "PaymentPending": Kind.PENDING,
    "PaymentUnavailable": Kind.TRY_LATER,
    "OrderCanceled": Kind.CANCELED,
}


@dataclass
class Tally:
    """All answers, by kind; for those that are bad, or 'not now', a sentence each. Times are in seconds."""

    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    kinds: Counter[Kind] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    not_now: list[str] = field(default_factory=list)

    @property
    def well(self) -> float:
        """The share that was answered well."""
        return 1 - sum(self.kinds[kind] for kind in BAD) / max(1, self.kinds.total())

    def begin(self) -> None:
        """Count the seconds from now on."""
        self.began = time.monotonic()

    def end(self) -> None:
        """Count no more seconds."""
        self.ended = time.monotonic()

    def count(self, kind: Kind, began: float, said: str = "") -> None:
        """One more answer, and what was said with it."""
        self.kinds[kind] += 1
        now = time.monotonic()
        self.took.append(now - began)
        sentence = f"{now - self.began:.1f} s, after {now - began:.1f} s: {said}"
        if kind in BAD:
            self.complaints.append(sentence)
        elif kind is Kind.UNAVAILABLE:
            self.not_now.append(sentence)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.kinds.most_common())
        took = sorted(self.took) or [0.0]
        rate = len(took) / ((self.ended or time.monotonic()) - self.began)
        times = f"median {took[len(took) // 2] * 1000:.0f} ms, longest {took[-1]:.2f} s"
        return f"{rate:.0f} requests/s, {self.well:.2%} answered well ({kinds}); {times}"


class User:
    """Orders, looks, and sometimes cancels, for as long as it is let; `told` is what of which order."""

    def __init__(self, name: str, token: str, session: aiohttp.ClientSession, tally: Tally) -> None:
        self.name = name
        self.token = token
        self.told: dict[str, Kind] = {}
        self._session = session
        self.tally = tally

    async def lives(self, think_seconds: float, enough: asyncio.Event) -> None:
        """Go on until it is enough; between two things it thinks, give or take a half."""
        chance = random.Random(self.name)  # noqa: S311 # no secret

        async def thinks() -> None:
            await asyncio.sleep(think_seconds * chance.uniform(0.5, 1.5))

        await asyncio.sleep(think_seconds * chance.random())
        while not enough.is_set():
            order_id = await self.orders("card-declined" if chance.random() < DECLINED else "card-ok")
            await thinks()
            await self.looks()
            await thinks()
            if order_id and chance.random() < CANCELED:
                await self.cancels(order_id)

    async def orders(self, method: str) -> str | None:
        """Order one thing; the order, where there is one."""
        key = str(uuid.uuid4())
        wanted = {"fruitId": "apple", "quantity": 1, "address": "서울", "paymentMethod": method}
        said = await self._insists(PLACE, {"input": {**wanted, "idempotencyKey": key}}, key)
        order_id: str | None = ((said or {}).get("order") or {}).get("id")
        if said and order_id:
            self.told[order_id] = KINDS[said["__typename"]]
        return order_id

    async def cancels(self, order_id: str) -> None:
        """Cancel it. Who is not answered knows nothing: it may have been canceled all the same."""
        said = await self._insists(CANCEL, {"id": order_id}, f"cancel {order_id}")
        if not said:
            self.told[order_id] = Kind.UNAVAILABLE
        elif said["__typename"] == "OrderCanceled":
            self.told[order_id] = Kind.CANCELED

    async def looks(self, after: str | None = None) -> Any:
        """A page of its orders."""
        return await self._insists(PAGE, {"after": after}, str(uuid.uuid4()))

    async def sees(self) -> dict[str, Any]:
        """All of its orders."""
        seen: dict[str, Any] = {}
        page: Any = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
        while page["pageInfo"]["hasNextPage"]:
            page = await self.looks(page["pageInfo"]["endCursor"])
            assert page, f"{self.name} is shown nothing: {self.tally}"
            seen |= {edge["node"]["id"]: edge["node"] for edge in page["edges"]}
        return seen

    async def _insists(self, query: str, variables: dict[str, Any], key: str) -> Any:
        """The outcome, asked for again under the same key where there is none; None where there never is."""
        for number in range(TIMES):
            if said := await self._ask(query, variables, key):
                return said
            if number == IN_A_ROW:
                self.tally.complaints.append(
                    f"{self.name} was told 'not now' more than {IN_A_ROW} times running"
                )
            await asyncio.sleep(AGAIN_AFTER_SECONDS)
        return None

    async def _ask(self, query: str, variables: dict[str, Any], key: str) -> Any:
        """The outcome, or the page; None where it was not answered well."""
        began = time.monotonic()
        headers = {"authorization": f"Bearer {self.token}", "idempotency-key": key}
        body = {"query": query, "variables": variables}
        try:
            async with self._session.post("/graphql", json=body, headers=headers) as response:
                text = await response.text()
                if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    return self.tally.count(Kind.STATUS, began, f"{response.status} {text[:200]}")
                said = await response.json()
            if "errors" in said:
                code = said["errors"][0]["extensions"]["code"]
                kind = Kind.UNAVAILABLE if code == "SERVICE_UNAVAILABLE" else Kind.MALFORMED
                return self.tally.count(kind, began, text[:300])
            outcome = next(iter(said["data"].values()))
        except (aiohttp.ClientConnectionError, TimeoutError) as error:
            return self.tally.count(Kind.LOST, began, repr(error))
        except (aiohttp.ClientError, ValueError, LookupError, AttributeError) as error:
            return self.tally.count(Kind.MALFORMED, began, repr(error))
        self.tally.count(KINDS.get(outcome.get("__typename"), Kind.SHOWN), began)
        return outcome


async def signed_in(session: aiohttp.ClientSession, name: str, tally: Tally) -> User:
    """Somebody with a token."""
    async with session.post("/dev/token", json={"customerId": name}) as response:
        return User(name, (await response.json())["token"], session, tally)
