"""All of a customer's changes, whenever a reader breaks off and goes on, on the real MongoDB."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from bff.feed import Feed
from bff.following import catching_up
from bff.mailbox import Mailbox
from bff.mypage import MAX_PAGE, MyPage
from bff.position import GIVEN_AT_MOST, Position
from schema.views import OrderView
from services.chassis import mongo
from services.mypage.store import MongoPages
from tests import facts
from tests.bff.changing import Changing
from tests.bff.reading import views
from tests.facts import CUSTOMER

Seen = list[tuple[str, int]]


@pytest.fixture
def feed(mypage: MyPage) -> Feed:
    return Feed(mypage, CollectorRegistry())


class Reader:
    """A client: what it has seen, and where it would go on."""

    def __init__(self, mypage: MyPage, feed: Feed, after: str | None = None) -> None:
        self._mypage = mypage
        self._feed = feed
        self.after = after
        self.seen: Seen = []

    async def reads(self, most: int, patience: float = 0.1) -> Seen:
        """Connect, read so many at most, or until nothing more comes, and break off; what came."""
        came: Seen = []
        with self._feed.watching(CUSTOMER) as mailbox:
            after = Position.read(self.after) if self.after else None
            async with aclosing(followed(self._mypage, mailbox, after)) as coming:
                while len(came) < most and (each := await self._next(coming, patience)):
                    came.append(each)
                    self.after = mailbox.position.text() if mailbox.position else None
        self.seen += came
        return came

    async def _next(self, coming: AsyncIterator[object], patience: float) -> tuple[str, int] | None:
        try:
            async with asyncio.timeout(patience):
                view = await anext(coming)
        except TimeoutError:
            return None
        return view.id, view.version  # type: ignore[attr-defined] # it is an OrderView


async def followed(
    mypage: MyPage, mailbox: Mailbox, after: Position | None
) -> AsyncGenerator[OrderView, None]:
    """What a mailbox gets, whoever follows."""
    async for _ in catching_up(mypage, mailbox, after):
        for view in mailbox.waiting():
            yield view
    async for view in views(mailbox):
        yield view


@pytest.fixture
def reader(mypage: MyPage, feed: Feed) -> Reader:
    return Reader(mypage, feed)


@pytest.fixture
def changing(pages: MongoPages, feed: Feed) -> Changing:
    return Changing(pages, feed)


def names(count: int) -> Iterator[str]:
    return (f"order-{number:03}" for number in range(count))


async def test_whoever_goes_on_gets_what_changed_and_nothing_that_was_seen(
    reader: Reader, changing: Changing
) -> None:
    for name in names(5):
        await changing.change(name)
    assert await reader.reads(99) == [(name, 1) for name in names(5)]
    await changing.change("order-003")
    await changing.change("order-001")
    await changing.change("order-003")
    assert await reader.reads(99) == [("order-001", 2), ("order-003", 3)]
    assert await reader.reads(99) == []


async def test_whoever_breaks_off_amid_the_first_orders_gets_the_others(
    reader: Reader, changing: Changing, database: mongo.Database
) -> None:
    for name in names(5):
        await changing.change(name)
    await database["orders"].update_many({}, [{"$set": {"changed_at": {"$subtract": ["$$NOW", 3_600_000]}}}])
    assert await reader.reads(2) == [("order-000", 1), ("order-001", 1)]
    assert await reader.reads(99) == [("order-002", 1), ("order-003", 1), ("order-004", 1)]


async def test_orders_beyond_the_newest_page_are_not_missed(
    reader: Reader, changing: Changing, database: mongo.Database
) -> None:
    """More than come at first, and long ago, so that nothing rests on the margin."""
    many = list(names(MAX_PAGE * 2 + 20))
    for name in many:
        await changing.change(name)
    await database["orders"].update_many({}, [{"$set": {"changed_at": {"$subtract": ["$$NOW", 3_600_000]}}}])
    assert len(await reader.reads(999)) == MAX_PAGE
    for name in many:
        await changing.change(name, announced=False)
    assert await reader.reads(999) == [(name, 2) for name in many]


async def test_a_reader_that_goes_on_again_and_again_comes_to_the_end(
    reader: Reader, changing: Changing, database: mongo.Database
) -> None:
    """An old position, of which each attempt gets only a few changes."""
    await changing.change("order-000")
    await reader.reads(1)
    many = list(names(70))
    for name in many:
        await changing.change(name)
    for number, name in enumerate(many):  # a minute lies between each and the next
        moment = {"$add": ["$$NOW", 60_000 * (number - 69)]}
        await database["orders"].update_one({"_id": name}, [{"$set": {"changed_at": moment}}])
    reader.after = Position.read(reader.after or "").text()
    reader.after = Position(Position.read(reader.after).moment - timedelta(hours=2)).text()
    came: Seen = []
    while some := await reader.reads(7):
        came += some
    assert came == [(name, changing.versions[name]) for name in many]


async def test_a_lost_announcement_is_made_good_for_a_reader_that_stays_and_for_one_that_goes_on(
    reader: Reader, changing: Changing, feed: Feed
) -> None:
    for name in names(3):
        await changing.change(name)
    with feed.watching(CUSTOMER) as mailbox:
        coming = followed(reader._mypage, mailbox, None)
        assert [(each.id, each.version) for each in [await anext(coming) for _ in range(3)]]
        await changing.change("order-000", announced=False)
        await changing.change("order-001")
        assert (await anext(coming)).id == "order-001"
        reader.after = mailbox.position.text() if mailbox.position else None
        waiting = asyncio.ensure_future(anext(coming))
        await feed.resync()
        assert (await waiting).id == "order-000"
        await coming.aclose()
    assert await reader.reads(99) == [("order-000", 2)]


async def test_an_announcement_lost_long_before_later_ones_is_not_passed_by(
    reader: Reader, changing: Changing, feed: Feed, database: mongo.Database
) -> None:
    """The position waits for what has been read, however much was announced meanwhile."""
    for name in names(2):
        await changing.change(name)
    with feed.watching(CUSTOMER) as mailbox:
        coming = followed(reader._mypage, mailbox, None)
        for _ in range(2):
            await anext(coming)
        mailbox.progress.horizon = (mailbox.progress.horizon or facts.NOON) - timedelta(hours=1)
        await changing.change("order-000", announced=False)
        moment = {"$subtract": ["$$NOW", 60_000]}
        await database["orders"].update_one({"_id": "order-000"}, [{"$set": {"changed_at": moment}}])
        await changing.change("order-001")
        assert (await anext(coming)).id == "order-001"
        reader.after = mailbox.position.text() if mailbox.position else None
        await coming.aclose()
    assert ("order-000", 2) in await reader.reads(99)


async def test_a_change_that_shows_later_than_a_later_one_is_not_missed(
    reader: Reader, changing: Changing, database: mongo.Database
) -> None:
    """Clocks are apart, and writes take their time: within the margin that is made good."""
    for name in names(2):
        await changing.change(name)
    await reader.reads(99)
    await changing.change("order-000", announced=False)
    moment = {"$subtract": ["$$NOW", 7000]}
    await database["orders"].update_one({"_id": "order-000"}, [{"$set": {"changed_at": moment}}])
    assert await reader.reads(99) == [("order-000", 2)]


async def test_pages_of_before_changes_were_dated_are_seen_and_gone_on_from(
    reader: Reader, changing: Changing, database: mongo.Database
) -> None:
    for name in names(3):
        await changing.change(name)
    await database["orders"].update_many({}, {"$unset": {"changed_at": 1}})
    assert len(await reader.reads(1)) == 1
    assert reader.after is None, "what was not given yet cannot be gone on to: it begins anew"
    assert len(await reader.reads(99)) == 3
    await changing.change("order-001")
    assert await reader.reads(99) == [("order-001", 2)]


async def test_a_position_is_no_longer_than_a_header_may_be(reader: Reader, changing: Changing) -> None:
    for name in names(GIVEN_AT_MOST + 30):
        await changing.change(name)
    with reader._feed.watching(CUSTOMER) as mailbox:
        coming = followed(reader._mypage, mailbox, None)
        for _ in range(MAX_PAGE):
            await anext(coming)
        for name in names(GIVEN_AT_MOST + 30):
            await changing.change(name)
            await anext(coming)
            assert mailbox.position
            assert len(mailbox.position.text()) <= 680
        await coming.aclose()


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_breaks_off_nothing_is_missed_and_nothing_older_comes_after(
    seed: int, mypage: MyPage, pages: MongoPages, feed: Feed
) -> None:
    """Random changes, some announcements lost, a slow reader that breaks off at any moment and goes on."""
    draw = random.Random(seed)  # noqa: S311 # it draws a story, not secrets
    changing, reader = Changing(pages, feed), Reader(mypage, feed)
    many = list(names(draw.choice((3, 20, 60))))

    async def change() -> None:
        for _ in range(150):
            await changing.change(draw.choice(many), announced=draw.random() < 0.7)
            if draw.random() < 0.1:
                await asyncio.sleep(draw.random() * 0.02)
            if draw.random() < 0.05:
                await feed.resync()

    changes = asyncio.create_task(change())
    while not changes.done():
        await reader.reads(draw.randrange(1, 9), patience=0.02)
    await changes
    known: set[tuple[str, int]] = set()
    while new := set(await reader.reads(999)) - known:  # where very many changed at once, some come again
        known |= new
    last: dict[str, int] = {}
    for order_id, version in reader.seen:
        assert version >= last.get(order_id, 0), f"{order_id}: {version} after {last[order_id]}"
        last[order_id] = version
    newest = sorted(changing.versions)[-MAX_PAGE:]
    assert {name: last.get(name) for name in newest} == {name: changing.versions[name] for name in newest}
