"""The sandbox's levers, pulled at one replica and followed by another, on the real MongoDB."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from schema.requests import SandboxLevers
from services.chassis import mongo
from services.payment.levers import FORGOTTEN, SharedLevers
from services.payment.provider import SandboxProvider

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SLOW = SandboxLevers(latency_ms_min=400, latency_ms_max=620)


class Times:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def times() -> Times:
    return Times()


def replica(database: mongo.Database, times: Times) -> SharedLevers:
    sandbox = SandboxProvider(database["ledger"], SandboxLevers(), CollectorRegistry())
    return SharedLevers(database["levers"], sandbox, times)


async def test_what_is_pulled_at_one_replica_is_followed_by_all(
    database: mongo.Database, times: Times
) -> None:
    one, other = replica(database, times), replica(database, times)
    await one.pull(SLOW)
    assert one.levers == SLOW
    await other.follow()
    assert other.levers == SLOW


async def test_a_replica_that_comes_later_follows_as_long_as_somebody_stands_by_it(
    database: mongo.Database, times: Times
) -> None:
    one, late = replica(database, times), replica(database, times)
    await one.pull(SLOW)
    for _ in range(3):
        times.now += FORGOTTEN - timedelta(seconds=1)
        await one.follow()
    await late.follow()
    assert late.levers == SLOW


async def test_what_was_pulled_in_another_life_is_forgotten(database: mongo.Database, times: Times) -> None:
    await replica(database, times).pull(SLOW)
    times.now += FORGOTTEN
    new = replica(database, times)
    await new.follow()
    assert new.levers == SandboxLevers()
