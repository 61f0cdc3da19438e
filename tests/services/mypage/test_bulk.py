"""The mypage service taking in many facts at once, on the real servers: nobody suffers for another."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from schema import channels
from schema.events import Event
from schema.views import OrderView
from services.chassis import mongo
from services.chassis.bus import Bus
from services.mypage.app import build
from services.mypage.projection import page_of
from services.mypage.settings import MypageSettings
from services.mypage.store import MongoPages
from tests import facts
from tests.conftest import Place
from tests.services.chassis.hearing import looking, next_dead_letter, on, settings
from tests.services.serving import ready, serving
from tests.waiting import until

GOOD = [f"order-{number}" for number in range(40)]


@pytest.fixture
def pages(database: mongo.Database) -> MongoPages:
    return MongoPages(database.client[f"{database.name}_mypage"]["orders"])


@pytest.fixture
async def announced() -> list[OrderView]:
    return []


@pytest.fixture
async def bus(place: Place, announced: list[OrderView]) -> AsyncIterator[Bus]:
    """Tells facts, and keeps what is announced."""

    async def hear(views: Sequence[OrderView]) -> None:
        announced.extend(views)

    bus = Bus(settings(place.rabbitmq_url))
    bus.hear_changes("gateway", hear)
    async with on(bus):
        yield bus


@asynccontextmanager
async def replicas(place: Place, count: int) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for _ in range(count):
            app = build(place.settings(MypageSettings, shutdown_seconds=1))
            client = await stack.enter_async_context(serving(app))
            await until(ready(client))
        yield


async def tell(bus: Bus, *told: Event) -> None:
    """All at once."""
    await asyncio.gather(*map(bus.tell, told))


async def test_what_cannot_be_kept_is_set_aside_alone(
    place: Place, bus: Bus, pages: MongoPages, announced: list[OrderView], monkeypatch: pytest.MonkeyPatch
) -> None:
    """MongoDB cannot hold so large a number: the whole write fails for it, every time."""
    monkeypatch.setattr(channels, "RETRY_AFTER_SECONDS", (0.1, 0.1, 0.1))
    poison = facts.approved(GOOD[7], amount=2**63)
    await tell(bus, *map(facts.placed, GOOD[:20]), poison, *map(facts.placed, GOOD[20:]))
    app = build(place.settings(MypageSettings))
    async with serving(app) as client, looking(place.rabbitmq_url) as channel:
        await until(ready(client))
        letter = await next_dead_letter(channel, "mypage")
        await until(lambda: {view.id for view in announced} == {*GOOD})
        numbers = (await client.get("/metrics")).text
    assert letter.message_id == poison.id
    assert letter.headers[channels.REASON_HEADER] == channels.FAILED
    assert str(letter.headers[channels.EXCEPTION_HEADER]).startswith("OverflowError")
    assert "messages_retried_total 3.0" in numbers, "no neighbour was tried again"
    for order_id in GOOD:
        assert await pages.load(order_id) == page_of(order_id, [facts.placed(order_id)])


async def test_two_replicas_that_hear_of_the_same_orders_lose_nothing(
    place: Place, bus: Bus, pages: MongoPages, announced: list[OrderView]
) -> None:
    stories = {
        order_id: [make(order_id) for make in (facts.placed, facts.approved, facts.started, facts.completed)]
        for order_id in GOOD[:8]
    }
    told = [fact for story in stories.values() for fact in story] * 2
    random.Random(5).shuffle(told)  # noqa: S311 # it draws an order, not secrets
    async with replicas(place, 2):
        await tell(bus, *told)
        await until(lambda: {view.id for view in announced if view.settled} == stories.keys())
    for order_id, story in stories.items():
        assert await pages.load(order_id) == page_of(order_id, story)


async def test_what_was_kept_but_not_announced_is_announced_by_whoever_hears_it_next(
    place: Place,
    bus: Bus,
    pages: MongoPages,
    announced: list[OrderView],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process ends between the write of a batch and its announcements."""

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(Bus, "announce", never)
        async with replicas(place, 1):
            await tell(bus, *map(facts.placed, GOOD[:5]))
            await until(lambda: all_are_kept(pages, GOOD[:5]))
    assert announced == []
    async with replicas(place, 1):
        await until(lambda: {view.id for view in announced} == {*GOOD[:5]})


async def all_are_kept(pages: MongoPages, order_ids: list[str]) -> bool:
    return (await pages.load_all(order_ids)).keys() == {*order_ids}
