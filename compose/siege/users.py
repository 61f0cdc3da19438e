"""Users who order, each again and again, cheaply: they share the machine with the system."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp
import orjson

from compose.siege import target
from compose.siege.answers import GOOD, NO_ANSWER, Answer, read
from compose.siege.plan import Plan
from compose.siege.tally import Tally
from compose.trouble import Trouble

PLACE = """mutation Siege($input: PlaceOrderInput!) { placeOrder(input: $input) {
  __typename
  ... on OrderPlaced { order { id } }
  ... on PaymentPending { order { id } }
  ... on PaymentDeclined { order { id } }
  ... on PaymentUnavailable { retryAfterMs }
} }"""

ORDERS_PER_CUSTOMER = 25
"""After so many a user is another customer: nobody orders twice a second all day, and the gateway knows."""

ARRIVING_SECONDS = 1.0
"""Users come one after the other within this time: all at once is a blow, and no siege. Then time begins."""

AT_MOST = 1_000_000
"""Orders beyond so many are not sent, however long the siege is to be."""

AFTER_TROUBLE_SECONDS = 0.1
"""How long a user waits after what was no good answer: a gateway that is gone is not asked in a hot loop."""

MARK = "0" * 32


@dataclass(slots=True)
class Crowd:
    """All users of one siege; `run` names it, and begins every customer's name."""

    plan: Plan
    url: str
    session: aiohttp.ClientSession
    tally: Tally = field(default_factory=Tally)
    run: str = field(default_factory=lambda: f"siege-{uuid.uuid4().hex[:8]}")
    clock: Callable[[], float] = time.perf_counter
    began: float = field(default_factory=time.perf_counter)

    async def sign_in(self) -> list["User"]:
        """Every user, with a token. Raises Trouble."""
        users = [User(self, number) for number in range(self.plan.users)]
        await asyncio.gather(*(user.becomes_another() for user in users))
        return users

    async def order(self, users: list["User"]) -> None:
        """Let all of them order until the time is up, and wait for the last answers."""
        self.began = self.clock() + ARRIVING_SECONDS
        waits = (ARRIVING_SECONDS * number / len(users) for number in range(len(users)))
        await asyncio.gather(*(user.orders(wait) for user, wait in zip(users, waits, strict=True)))

    @property
    def elapsed(self) -> float:
        """Seconds since all users were there; less than 0 before."""
        return self.clock() - self.began

    @property
    def is_over(self) -> bool:
        """Whether no more orders are to be sent."""
        return self.elapsed >= self.plan.seconds or self.tally.count >= AT_MOST


class User:
    """Orders one thing after the other."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self._crowd = crowd
        self._name = f"{crowd.run}-{number}"
        self._customers = 0
        self._headers: dict[str, str] = {}

    async def becomes_another(self) -> None:
        """Sign in as a customer who was never there. Raises Trouble."""
        self._customers += 1
        token = await target.sign_in(self._crowd.session, f"{self._name}-{self._customers}")
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    async def orders(self, wait: float) -> None:
        """Begin after so many seconds, and go on until it is over."""
        crowd, count = self._crowd, 0
        await asyncio.sleep(wait)
        while not crowd.is_over:
            if count and count % ORDERS_PER_CUSTOMER == 0:
                with contextlib.suppress(Trouble):  # the next order will tell
                    await self.becomes_another()
            count += 1
            key = uuid.uuid4().hex
            began = crowd.clock()
            answer = await self._ask(key)
            ended = crowd.clock()
            crowd.tally.add(answer, key, ended - crowd.began, ended - began)
            if pause := self._pause(answer):
                await asyncio.sleep(min(pause, max(0, crowd.plan.seconds - crowd.elapsed)))

    def _pause(self, answer: Answer) -> float:
        plan = self._crowd.plan
        told = answer.retry_after if plan.patient else 0
        return max(plan.think_seconds, told, 0 if answer.kind in GOOD else AFTER_TROUBLE_SECONDS)

    async def _ask(self, key: str) -> Answer:
        body = HEAD + key.encode() + TAIL
        try:
            async with self._crowd.session.post("/graphql", data=body, headers=self._headers) as response:
                return read(response.status, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Answer(NO_ANSWER)


def _body() -> tuple[bytes, bytes]:
    """The request before and after its key, which alone differs."""
    wanted = {"fruitId": "apple", "quantity": 1, "address": "서울", "paymentMethod": "card-ok"}
    variables = {"input": wanted | {"idempotencyKey": MARK}}
    head, _, tail = orjson.dumps({"query": PLACE, "variables": variables}).partition(MARK.encode())
    return head, tail


HEAD, TAIL = _body()
