import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from prometheus_client import CollectorRegistry

from bff.feed import Feed
from bff.mailbox import Mailbox, Seen
from bff.mypage import MyPage
from bff.position import Position
from schema.projection import project
from schema.views import OrderView
from services.mypage.projection import take_in
from services.mypage.store import MongoPages
from tests import facts
from tests.bff.reading import views
from tests.waiting import until


def view(version: int = 1, order_id: str = "order-1", customer_id: str = facts.CUSTOMER) -> OrderView:
    made = project([facts.placed(order_id, customer_id=customer_id)])
    assert made is not None
    return made.model_copy(update={"version": version})


async def read(coming: AsyncIterator[OrderView], count: int) -> list[tuple[str, int]]:
    async with asyncio.timeout(5):
        return [(seen.id, seen.version) for seen in [await anext(coming) for _ in range(count)]]


async def is_empty(mailbox: Mailbox) -> bool:
    return not await mailbox.filled_within(0)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def feed(mypage: MyPage, registry: CollectorRegistry) -> Feed:
    return Feed(mypage, registry)


def everything() -> Mailbox:
    return Mailbox(facts.CUSTOMER, None)


async def test_a_slow_reader_finds_the_latest_view_of_each_order_and_nothing_else() -> None:
    mailbox = everything()
    for version in range(1, 10_001):
        mailbox.put(view(version))
    mailbox.put(view(7, "order-2"))
    assert len(mailbox._waiting) == 2
    assert await read(views(mailbox), 2) == [("order-1", 10_000), ("order-2", 7)]
    assert await is_empty(mailbox)


async def test_an_order_that_changes_again_and_again_does_not_starve_another() -> None:
    mailbox = everything()
    coming = views(mailbox)
    mailbox.put(view(1))
    mailbox.put(view(1, "order-2"))
    mailbox.put(view(2))
    assert await read(coming, 1) == [("order-2", 1)]
    mailbox.put(view(3))
    assert await read(coming, 1) == [("order-1", 3)]


async def test_versions_only_grow() -> None:
    mailbox = everything()
    coming = views(mailbox)
    for version in (3, 3, 2):
        mailbox.put(view(version))
    assert await read(coming, 1) == [("order-1", 3)]
    for version in (1, 3, 2):
        mailbox.put(view(version))
    assert await is_empty(mailbox)
    mailbox.put(view(4))
    assert await read(coming, 1) == [("order-1", 4)]


async def test_whoever_watches_one_order_gets_no_other() -> None:
    mailbox = Mailbox(facts.CUSTOMER, "order-2")
    mailbox.put(view())
    assert await is_empty(mailbox)
    mailbox.put(view(1, "order-2"))
    assert await read(views(mailbox), 1) == [("order-2", 1)]


@pytest.mark.parametrize("order_id", [None, "order-1"])
async def test_nobody_gets_another_customers_view(order_id: str | None) -> None:
    mailbox = Mailbox("somebody else", order_id)
    mailbox.put(view())
    assert await is_empty(mailbox)


async def test_a_reader_waits_for_what_comes() -> None:
    mailbox = everything()
    reading = asyncio.create_task(read(views(mailbox), 1))
    await asyncio.sleep(0)
    assert not reading.done()
    mailbox.put(view())
    assert await reading == [("order-1", 1)]


async def test_whoever_waits_for_the_first_view_learns_whether_it_came() -> None:
    mailbox = everything()
    assert not await mailbox.filled_within(0.01)
    waiting = asyncio.create_task(mailbox.filled_within(5))
    await asyncio.sleep(0)
    mailbox.put(view(1, customer_id="customer-2"))
    mailbox.put(view())
    assert await waiting
    assert await read(views(mailbox), 1) == [("order-1", 1)]


def test_what_a_watcher_remembers_is_bounded_and_nothing_old_is_given_for_it() -> None:
    seen = Seen(at_most=3)
    orders = [_changed(at) for at in range(10)]
    assert all(seen.is_new(each) for each in orders)
    assert len(seen) == 3
    assert not any(seen.is_new(each) for each in orders)
    assert not any(seen.is_new(each.model_copy(update={"version": 0})) for each in orders)
    assert seen.is_new(_changed(10))
    assert seen.is_new(_changed(9).model_copy(update={"version": 2}))


def _changed(seconds: int) -> OrderView:
    return view(1, f"order-{seconds}").model_copy(update={"updated_at": facts.after(seconds)})


def test_what_is_heard_of_again_is_not_forgotten() -> None:
    seen = Seen(at_most=2)
    for at in range(10):
        seen.is_new(_changed(0))
        seen.is_new(_changed(at))
    assert seen.is_new(_changed(0).model_copy(update={"version": 2}))


async def test_every_watcher_hears_what_is_theirs(feed: Feed) -> None:
    mine, theirs = feed.watching(facts.CUSTOMER), feed.watching("customer-2")
    with mine as all_of_mine, feed.watching(facts.CUSTOMER, "order-1") as one, theirs as others:
        await feed.hear([view(), view(1, "order-2", "customer-2"), view(1, "order-3", "nobody watches")])
        assert await read(views(all_of_mine), 1) == await read(views(one), 1) == [("order-1", 1)]
        assert await read(views(others), 1) == [("order-2", 1)]
        assert await is_empty(all_of_mine)
        assert await is_empty(others)


async def test_whoever_stops_watching_leaves_nothing_behind(feed: Feed, registry: CollectorRegistry) -> None:
    with feed.watching(facts.CUSTOMER), feed.watching(facts.CUSTOMER, "order-1"):
        assert registry.get_sample_value("subscriptions_open") == 2
    with pytest.raises(LookupError):
        _fail_while_watching(feed)
    assert registry.get_sample_value("subscriptions_open") == 0
    assert feed._mailboxes == {}


def _fail_while_watching(feed: Feed) -> None:
    with feed.watching(facts.CUSTOMER):
        raise LookupError


async def keep(pages: MongoPages, order_id: str, count: int, customer_id: str = facts.CUSTOMER) -> None:
    """The page with its first so many facts."""
    page = old = await pages.load(order_id)
    told = (
        facts.placed(order_id, customer_id=customer_id),
        facts.approved(order_id),
        facts.started(order_id),
    )
    for fact in told[:count]:
        page = take_in(page, fact)
    assert page is not None
    await pages.keep(page, old)


async def test_resync_hands_out_what_was_missed_and_nothing_twice(
    feed: Feed, pages: MongoPages, registry: CollectorRegistry
) -> None:
    await keep(pages, "order-1", 2)
    await keep(pages, "order-2", 1)
    await keep(pages, "order-3", 1, "customer-2")
    with (
        feed.watching(facts.CUSTOMER) as mine,
        feed.watching(facts.CUSTOMER, "order-1") as one,
        feed.watching(facts.CUSTOMER, "order-3") as stolen,
        feed.watching("customer-2", "order-3") as theirs,
    ):
        mine.progress.begin(Position(facts.NOON))
        mine.follows = True
        await feed.hear([view(2)])
        assert await read(views(mine), 1) == await read(views(one), 1) == [("order-1", 2)]
        await feed.resync()
        assert await read(views(mine), 1) == [("order-2", 1)]
        assert await read(views(theirs), 1) == [("order-3", 1)]
        assert [await is_empty(each) for each in (mine, one, stolen, theirs)] == [True] * 4
        await keep(pages, "order-1", 3)
        await feed.resync()
        assert await read(views(mine), 1) == await read(views(one), 1) == [("order-1", 3)]
    assert registry.get_sample_value("feed_resyncs_total") == 2


async def test_resync_reads_nothing_where_nobody_watches(feed: Feed, pages: MongoPages) -> None:
    await keep(pages, "order-1", 1)
    await feed.resync()
    await until(lambda: feed._mailboxes == {})


async def test_resync_reads_no_order_that_its_watchers_have(
    feed: Feed, pages: MongoPages, mypage: MyPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_again: list[str] = []
    real = mypage.orders

    def orders(order_ids: Sequence[str]) -> AsyncIterator[OrderView]:
        read_again.extend(order_ids)
        return real(order_ids)

    monkeypatch.setattr(mypage, "orders", orders)
    await keep(pages, "order-1", 2)
    await keep(pages, "order-2", 2)
    with feed.watching(facts.CUSTOMER, "order-1") as one, feed.watching(facts.CUSTOMER, "order-2") as other:
        one.put(view(2))
        other.put(view(1, "order-2"))
        await feed.resync()
        assert read_again == ["order-2"]
        assert await read(views(other), 1) == [("order-2", 2)]
