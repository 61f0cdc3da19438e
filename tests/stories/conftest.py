"""One system for all stories; each story has customers of its own, and leaves the sandbox as it was."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from tests.stories.customer import Customer
from tests.stories.stack import Stack, running
from tests.waiting import until

SignIn = Callable[[], Awaitable[Customer]]


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The running system."""
    async with running(tmp_path_factory.mktemp("stories") / "stack") as running_stack:
        yield running_stack


@pytest.fixture
async def sign_in(stack: Stack) -> AsyncIterator[SignIn]:
    """Somebody new, signed in, whenever it is called; in a system that is whole, whatever was before."""
    await until(stack.is_whole, timeout=30)
    async with aiohttp.ClientSession() as session:

        async def somebody() -> Customer:
            name = f"customer-{uuid.uuid4().hex[:8]}"
            async with session.post(f"{stack.http}/dev/token", json={"customerId": name}) as response:
                token = (await response.json())["token"]
            return Customer(stack, session, name, token)

        yield somebody


@pytest.fixture
async def customer(sign_in: SignIn) -> Customer:
    """Somebody new, signed in."""
    return await sign_in()


@pytest.fixture
async def levers(stack: Stack) -> AsyncIterator[Callable[..., Awaitable[None]]]:
    """The sandbox's levers; afterwards payment is well again, and the circuit closed."""
    yield stack.pull
    await stack.pull()
    await recovered(stack)


async def recovered(stack: Stack) -> None:
    """Wait until the circuit is closed and has forgotten: somebody orders until it is."""
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{stack.http}/dev/token", json={"customerId": "prober"}) as response:
            token = (await response.json())["token"]
        prober = Customer(stack, session, "prober", token)

        async def closed() -> bool:
            breaker = await stack.breaker()
            if breaker["state"] == "closed" and not breaker["failures"]:
                return True
            await prober.place()
            return False

        await until(closed, timeout=30)
