"""A little traffic through the edge, and what went wrong meanwhile."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from tests.compose.containers.stack import Customer, Stack
from tests.waiting import until

POLITE = {"OrderPlaced", "PaymentPending", "PaymentUnavailable"}
"""How an order that nothing is wrong with may be answered."""

KEPT = {"OrderPlaced", "PaymentPending"}
"""After these there is an order."""

LOST = (aiohttp.ClientError, TimeoutError, AssertionError, ValueError, KeyError)
"""How an answer can be none: no connection, a status that is not 200, errors in it, not GraphQL at all."""

PAUSE_SECONDS = 0.05

Act = Callable[[Customer, "Traffic"], Awaitable[None]]


@dataclass
class Traffic:
    """What customers asked for. `placed` says of each order that somebody was told of, whose it is.

    Nothing that fails is asked for again, but for what HTTP clients do by themselves: they follow redirects.
    `redirects` says where to.
    """

    customers: int
    answered: int = 0
    redirects: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    placed: dict[str, str] = field(default_factory=dict)

    async def goes_on(self) -> None:
        """Wait until everybody was answered, more than once."""
        enough = self.answered + len(self.failures) + 10 * self.customers
        await until(lambda: self.answered + len(self.failures) >= enough, timeout=60)

    async def all_goes_well(self, within: float) -> None:
        """Wait for a stretch in which nothing has failed."""

        async def one_stretch() -> bool:
            failed = len(self.failures)
            await self.goes_on()
            return len(self.failures) == failed

        await until(one_stretch, timeout=within)


@asynccontextmanager
async def traffic(stack: Stack, *, customers: int = 5, ordering: bool = True) -> AsyncIterator[Traffic]:
    """Customers who look at their orders, and place some, as long as the body runs."""
    seen, run = Traffic(customers), uuid.uuid4().hex[:6]
    acts: tuple[Act, ...] = (_looks, _orders) if ordering else (_looks,)
    tasks = [asyncio.create_task(_customer(stack, f"{run}-{each}", seen, acts)) for each in range(customers)]
    try:
        yield seen
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended


def noting(redirects: list[str]) -> aiohttp.TraceConfig:
    """Where a session is sent to, is added to this list."""

    async def noted(_: object, __: object, redirected: aiohttp.TraceRequestRedirectParams) -> None:
        redirects.append(redirected.response.headers["location"])

    tracing = aiohttp.TraceConfig()
    tracing.on_request_redirect.append(noted)
    return tracing


async def _customer(stack: Stack, name: str, seen: Traffic, acts: tuple[Act, ...]) -> None:
    async with stack.customer(name, trace_configs=[noting(seen.redirects)]) as customer:
        while True:
            for act in acts:
                await _done(act, customer, seen)
                await asyncio.sleep(PAUSE_SECONDS)


async def _done(act: Act, customer: Customer, seen: Traffic) -> None:
    try:
        await act(customer, seen)
        seen.answered += 1
    except LOST as error:
        seen.failures.append(f"{act.__name__} {type(error).__name__}: {error}"[:600])


async def _looks(customer: Customer, _: Traffic) -> None:
    await customer.page(first=3)


async def _orders(customer: Customer, seen: Traffic) -> None:
    outcome = await customer.intends(uuid.uuid4().hex)
    assert outcome["__typename"] in POLITE, outcome
    if outcome["__typename"] in KEPT:
        seen.placed[outcome["order"]["id"]] = customer.name
