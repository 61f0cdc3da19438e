"""Readers that do not read: what they cost, and what they get when they read again."""

import asyncio
from typing import Any

import psutil
import pytest

from bff.feed import Feed
from schema.views import OrderView
from tests import facts
from tests.bff.alive import every, tasks
from tests.bff.asking import Gateway
from tests.bff.conftest import Open
from tests.bff.raw_socket import Raw, said, signed_in
from tests.bff.test_feed import view
from tests.waiting import until

WATCH = "subscription { myOrderUpdates { id version address } }"
ORDERS = 50
VERSIONS = 400
MEGABYTE = 2**20


def changed(order: int, version: int) -> OrderView:
    """An order that takes some thousand bytes to tell."""
    made = view(version, f"order-{order}")
    return made.model_copy(update={"address": "서울 " * 600, "updated_at": facts.after(version)})


async def watching(raw: Raw, feed: Feed) -> None:
    await raw.sends(said("subscribe", id="1", payload={"query": WATCH}))
    await until(lambda: feed._mailboxes)


async def change_all(feed: Feed) -> None:
    """Every order again and again, and the gateway's other work between."""
    for version in range(1, VERSIONS + 1):
        for order in range(ORDERS):
            await feed.hear([changed(order, version)])
            await asyncio.sleep(0)


async def latest(raw: Raw) -> dict[str, int]:
    """The last version of each order, read until all are the latest. Versions only grow."""
    versions: dict[str, int] = {}
    while len(versions) < ORDERS or set(versions.values()) != {VERSIONS}:
        told: dict[str, Any] = (await raw.message())["payload"]["data"]["myOrderUpdates"]
        assert told["version"] > versions.get(told["id"], 0)
        versions[told["id"]] = told["version"]
    return versions


async def test_a_slow_reader_costs_bounded_memory_and_gets_the_latest_of_each_order(
    open_gateway: Open,
) -> None:
    known = every(Feed)
    async with open_gateway() as gateway:
        (feed,) = [each for each in every(Feed) if each not in known]
        async with signed_in(gateway.address, facts.CUSTOMER, buffer=4096) as raw:
            await watching(raw, feed)
            before = psutil.Process().memory_info().rss
            await change_all(feed)
            assert psutil.Process().memory_info().rss - before < 16 * MEGABYTE
            (mailbox,) = feed._mailboxes[facts.CUSTOMER]
            assert len(mailbox._waiting) == ORDERS
            assert len(await latest(raw)) == ORDERS


async def test_whoever_reads_nothing_for_too_long_is_dropped(open_gateway: Open) -> None:
    known = every(Feed)
    async with open_gateway(bff_stalled_seconds=0.5) as gateway:
        (feed,) = [each for each in every(Feed) if each not in known]
        async with signed_in(gateway.address, facts.CUSTOMER, buffer=4096) as raw:
            await watching(raw, feed)
            await change_all(feed)
            await until(lambda: _is_alone(gateway, feed))


async def test_whoever_reads_nothing_is_not_listened_to(open_gateway: Open) -> None:
    gateway_of_many_frames = open_gateway(bff_frames_per_second=10_000)
    async with gateway_of_many_frames as gateway, signed_in(gateway.address, buffer=4096) as raw:
        before = tasks()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await ask_in_vain(raw)
        assert tasks() - before < 100


async def ask_in_vain(raw: Raw) -> None:
    """More than the buffers of a connection hold; each is refused in as many bytes."""
    for number in range(3_000):
        await raw.sends(said("subscribe", id=f"{number:010000}", payload={"query": "{"}))


async def _is_alone(gateway: Gateway, feed: Feed) -> bool:
    return not feed._mailboxes and await gateway.metric("connections_open", transport="websocket") == 0
