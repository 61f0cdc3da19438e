"""The levers of payment's sandbox, pulled where the system runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.compose.containers.stack import Stack

PULL = (
    "SERVICE_SECRET=$(cat /run/secrets/service_secret) RABBITMQ_URL=$(cat /run/secrets/rabbitmq_url)"
    ' fruitstore levers "$@"'
)
AT_FIRST = {"latency_min": 50, "latency_max": 150, "capacity": 1000}

FOLLOWED_WITHIN_SECONDS = 1.0
"""All replicas of payment do so."""


@asynccontextmanager
async def payment_takes(stack: Stack, **levers: int) -> AsyncIterator[None]:
    """Have the provider behave so while the body runs."""
    await pulled(stack, **levers)
    try:
        yield
    finally:
        await pulled(stack, **AT_FIRST)


async def pulled(stack: Stack, **levers: int) -> None:
    """Pull them. Raises EngineError."""
    said = [word for name, value in levers.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    await stack.compose("exec", "-T", "bff", "sh", "-c", PULL, "levers", *said)
