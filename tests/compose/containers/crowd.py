"""Many users and subscribers at once, and the reckoning in the end: whether all is as they were told."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp

from tests.compose.containers.load import ANSWERED_WITHIN_SECONDS, Kind, Tally, User, signed_in
from tests.compose.containers.stack import Stack
from tests.compose.containers.subscribers import Subscriber
from tests.waiting import until

ENDS = {
    Kind.ORDERED: {"DELIVERING", "DELIVERED"},
    Kind.DECLINED: {"PAYMENT_DECLINED"},
    Kind.PENDING: {"PAID", "DELIVERING", "DELIVERED", "PAYMENT_DECLINED", "CANCELED"},
    Kind.CANCELED: {"CANCELED"},
    Kind.UNAVAILABLE: {"PAID", "DELIVERING", "DELIVERED", "PAYMENT_DECLINED", "CANCELED"},
}
"""Where an order may stand in the end, by what its user was told last."""

TOO_SLOW = 0.02
"""The share of answers that may be 'not now' because the machine does other things, too."""

AUDIT = (
    "SERVICE_SECRET=$(cat /run/secrets/service_secret) RABBITMQ_URL=$(cat /run/secrets/rabbitmq_url)"
    " fruitstore audit --grace 0 --json"
)


class Crowd:
    """All of them, under way."""

    def __init__(self, stack: Stack, users: list[User], subscribers: list[Subscriber], tally: Tally) -> None:
        self.stack = stack
        self.tally = tally
        self.users = users
        self.subscribers = subscribers
        self.enough = asyncio.Event()

    @property
    def interruptions(self) -> list[float]:
        """In seconds, the shortest first."""
        return sorted(each for subscriber in self.subscribers for each in subscriber.interruptions)

    def __str__(self) -> str:
        lengths = self.interruptions
        vain = sum(len(subscriber.vain) for subscriber in self.subscribers)
        said = f"{len(self.subscribers)} subscriptions interrupted {len(lengths)} times"
        longest = f", the longest {lengths[-1]:.2f} s, {vain} vain attempts" if lengths else ""
        return f"{self.tally}; {self._orders} orders; {said}{longest}"

    def complaints(self, too_slow: float = TOO_SLOW) -> list[str]:
        """What was not answered well, also to subscribers, and whatever went backwards.

        `too_slow`: the share of answers that may be 'not now'.
        """
        backwards = [each for subscriber in self.subscribers for each in subscriber.backwards]
        refused = [each for one in self.subscribers for each in one.vain if "HTTP 5" in each]
        return self.tally.complaints + self._too_slow(too_slow) + backwards + refused

    def report(self) -> str:
        """The figures, and all complaints."""
        return "\n".join([str(self), *self.complaints()])

    def _too_slow(self, at_most: float) -> list[str]:
        slow, all_of_them = self.tally.not_now, self.tally.kinds.total()
        said = f"{len(slow)} of {all_of_them} answers were 'not now'"
        return [said, *slow[:20]] if len(slow) > at_most * all_of_them else []

    async def some_orders(self, number: int = 60) -> None:
        """Wait until so many more were placed."""
        enough = self._orders + number
        await until(lambda: self._orders >= enough, timeout=60)

    @property
    def _orders(self) -> int:
        return sum(len(user.told) for user in self.users)

    async def reckoning(self, seconds: float = 60) -> None:
        """Wait until all is as everybody was told, and everybody has seen it. Raises AssertionError."""
        left: list[str] = []

        async def agrees() -> bool:
            left[:] = await self.differences()
            return not left

        try:
            await until(agrees, timeout=seconds, every=1)
        except AssertionError:
            raise AssertionError("\n".join(left[:20]) or "the reckoning takes too long") from None

    async def differences(self) -> list[str]:
        """Where what is shown is not what was told, or not what subscribers saw last: a sentence each."""
        aside = Tally()
        found: list[str] = []
        for user in self.users:
            user.tally = aside
            seen = await user.sees()
            found += _untrue(user, seen)
            found += [each for one in self.subscribers if one.user is user for each in _unseen(one, seen)]
        return found + [f"while reckoning: {each}" for each in aside.complaints]

    async def audited(self) -> int:
        """How many orders are in order by all services' books: charged, delivered once, shown as they are.

        Raises AssertionError where one is not, or there is one that does not get there.
        """
        last: list[Any] = []

        async def nothing_to_do() -> bool:
            said = await self.stack.compose("exec", "-T", "bff", "sh", "-c", f"{AUDIT} || [ $? = 1 ]")
            last[:] = [json.loads(said.splitlines()[-1])]
            assert not last[0]["broken"], said
            return not last[0]["stuck"] and not last[0]["young"]

        await until(nothing_to_do, timeout=60, every=2)
        return int(last[0]["ok"])


def _untrue(user: User, seen: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for order_id, told in user.told.items():
        order = seen.get(order_id, {"status": None, "cancelReason": None})
        if order["status"] not in ENDS[told]:
            stands = f"{order['status']} ({order['cancelReason']})"
            found.append(f"{user.name} was told {told} of {order_id}, which is {stands}")
    return found


def _unseen(subscriber: Subscriber, seen: dict[str, Any]) -> list[str]:
    versions = {order_id: order["version"] for order_id, order in seen.items()}
    return [
        f"{subscriber.user.name} last saw {subscriber.versions.get(order_id)} of {order_id}: {version}"
        for order_id, version in versions.items()
        if subscriber.versions.get(order_id) != version
    ]


@asynccontextmanager
async def crowd(
    stack: Stack, *, users: int, subscriptions: int, think_seconds: float = 0.75
) -> AsyncIterator[Crowd]:
    """Users who go on as long as the body runs, or until it is enough; subscribers a little longer."""
    tally, name = Tally(), uuid.uuid4().hex[:6]
    async with AsyncExitStack() as opened:
        timeout = aiohttp.ClientTimeout(total=ANSWERED_WITHIN_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        session = await opened.enter_async_context(
            aiohttp.ClientSession(stack.url, connector=connector, timeout=timeout)
        )
        everybody = [await signed_in(session, f"user-{name}-{number}", tally) for number in range(users)]
        watching = [
            Subscriber(stack.url, everybody[number % users], session, over_sse=number % 4 == 3)
            for number in range(subscriptions)
        ]
        they = Crowd(stack, everybody, watching, tally)
        tasks = [asyncio.create_task(each.watches()) for each in watching]
        try:
            async with asyncio.timeout(60):
                await asyncio.gather(*(each.open.wait() for each in watching))
            tally.begin()
            shopping = [asyncio.create_task(each.lives(think_seconds, they.enough)) for each in everybody]
            tasks += shopping
            yield they
            they.enough.set()
            await asyncio.gather(*shopping)
            tally.end()
            await they.reckoning()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
