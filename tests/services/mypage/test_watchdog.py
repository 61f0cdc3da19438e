"""Whom the watchdog asks, when and how often: made-up feeds, and pages in memory or in the real MongoDB."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import cast

import pytest

from schema.events import Event
from schema.feed import Entry
from schema.views import OrderView
from services.chassis import mongo
from services.chassis.upstream import Answer, Failure, Upstream
from services.mypage import asking, handlers
from services.mypage.asking import Sources
from services.mypage.projection import page_of
from services.mypage.store import MongoPages
from services.mypage.watchdog import AT_ONCE, TIMES, Watchdog
from tests import facts
from tests.waiting import until

PATIENCE = timedelta(seconds=30)
SERVICES = ("order", "payment", "delivery")
WHOLE = (facts.placed(), facts.approved(), facts.started(), facts.completed())
STOPPED = (*WHOLE[:3], facts.canceled(), facts.payment_canceled(), facts.delivery_canceled())


class Source:
    """A feed: what it says of an order is made of `answer`, which may raise."""

    def __init__(self, answer: Callable[[str], Answer]) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def ask(self, method: str, path: str) -> Answer:
        assert method == "GET"
        self.asked.append(path.removeprefix("/feed/"))
        return self.answer(self.asked[-1])


class Hanging(Source):
    async def ask(self, method: str, path: str) -> Answer:
        await super().ask(method, path)
        await asyncio.Event().wait()
        raise AssertionError


def saying(told: Iterable[Event]) -> Source:
    """A feed of these facts."""
    known = tuple(told)

    def answer(order_id: str) -> Answer:
        ours = tuple(fact for fact in known if fact.order_id == order_id)
        body = Entry(order_id=order_id, facts=ours).model_dump_json().encode()
        return Answer(200, body) if ours else Answer(404, b'{"error": "Nothing is known here."}')

    return Source(answer)


def away(_: str) -> Answer:
    raise Failure


def speaking_of_another(_: str) -> Answer:
    other = Entry(order_id=facts.ORDER, facts=(facts.canceled("order-2"),))
    return Answer(200, other.model_dump_json().encode())


class Scene:
    """A watchdog over real pages. `now` is what its clock says: noon, an hour later at first."""

    def __init__(self, collection: mongo.Collection, **sources: Source) -> None:
        self.now = facts.after(3600)
        self.pages = MongoPages(collection)
        self.rebuilt: MongoPages | None = None
        self.announced: list[OrderView] = []
        self.healed: list[tuple[str, str]] = []
        asked = Sources(cast("dict[str, Upstream]", sources))
        self.watchdog = Watchdog(
            self.pages, asked.facts, self._hear, lambda: self.now, lambda *what: self.healed.append(what)
        )

    async def look(self) -> None:
        await self.watchdog.look(PATIENCE)

    async def keep(self, told: Iterable[Event], order_id: str = facts.ORDER) -> None:
        await self.pages.add([page_of(order_id, told)], {})

    async def known(self, order_id: str = facts.ORDER) -> set[str]:
        page = await self.pages.load(order_id)
        return {fact.type for fact in page.facts} if page else set()

    async def _hear(self, fact: Event) -> bool:
        return await handlers.hear(fact, self.pages, self._announce, self._others)

    async def _announce(self, view: OrderView) -> None:
        self.announced.append(view)

    async def _others(self) -> MongoPages | None:
        return self.rebuilt


def types(told: Iterable[Event]) -> set[str]:
    return {fact.type for fact in told}


LOST = [(story, fact) for story in (WHOLE[:3], WHOLE, STOPPED) for fact in story if fact is not WHOLE[3]]
"""Each fact but that a delivery was completed: only the courier knows when that should be."""


@pytest.mark.parametrize(
    ("story", "lost"),
    LOST,
    ids=lambda value: value.type if not isinstance(value, tuple) else str(len(value)),
)
async def test_whatever_one_fact_is_lost_the_page_gets_it(
    story: tuple[Event, ...], lost: Event, database: mongo.Database
) -> None:
    scene = Scene(database["orders"], feed=saying(story))
    await scene.keep(fact for fact in story if fact is not lost)
    await scene.look()
    assert await scene.known() == types(story)
    assert scene.healed == [("page", facts.ORDER)]
    assert scene.announced[-1].version == len(story)


async def test_all_facts_but_one_are_gathered_from_whoever_tells_them(database: mongo.Database) -> None:
    each = {name: saying(fact for fact in STOPPED if fact.type.startswith(name)) for name in SERVICES}
    scene = Scene(database["orders"], **each)
    await scene.keep([facts.delivery_canceled()])
    await scene.look()
    assert await scene.known() == types(STOPPED)
    assert scene.announced[-1].settled
    assert scene.healed == [("page", facts.ORDER)]


@pytest.mark.parametrize(
    "story",
    [WHOLE, WHOLE[:3], STOPPED, (facts.placed(), facts.declined())],
    ids=["delivered", "on its way", "stopped", "declined"],
)
async def test_nobody_is_asked_about_a_page_that_lacks_nothing(
    story: tuple[Event, ...], database: mongo.Database
) -> None:
    feed = saying(story)
    scene = Scene(database["orders"], feed=feed)
    await scene.keep(story)
    await scene.look()
    assert (feed.asked, scene.healed, scene.announced) == ([], [], [])


async def test_nobody_is_asked_before_patience_is_over(database: mongo.Database) -> None:
    feed = saying(WHOLE[:2])
    scene = Scene(database["orders"], feed=feed)
    await scene.keep([facts.placed()])
    scene.now = facts.after(30)
    await scene.look()
    assert feed.asked == []
    scene.now = facts.after(30.1)
    await scene.look()
    assert feed.asked == [facts.ORDER]


async def test_where_nothing_new_is_said_nothing_is_counted_and_it_is_not_asked_again_at_once(
    database: mongo.Database,
) -> None:
    feed = saying([facts.placed()])
    scene = Scene(database["orders"], feed=feed)
    await scene.keep([facts.placed()])
    for seconds in (0, 1, 29.9):
        scene.now = facts.after(3600 + seconds)
        await scene.look()
    assert (feed.asked, scene.healed, scene.announced) == ([facts.ORDER], [], [])
    scene.now = facts.after(3630)
    await scene.look()
    assert feed.asked == [facts.ORDER] * 2


@pytest.mark.parametrize(
    "other",
    [
        Source(away),
        Hanging(away),
        Source(lambda _: Answer(500, b"")),
        Source(lambda _: Answer(200, b"\xff{")),
        Source(lambda _: Answer(200, b'{"order_id": "order-1", "facts": [{"type": "order.eaten"}]}')),
        Source(speaking_of_another),
    ],
    ids=["away", "silent", "failing", "no JSON", "no fact", "another order"],
)
async def test_who_says_nothing_or_nonsense_does_not_keep_the_others_from_being_heard(
    other: Source, database: mongo.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.05)
    scene = Scene(database["orders"], order=saying(WHOLE), payment=other)
    await scene.keep(WHOLE[1:])
    await scene.look()
    assert other.asked == [facts.ORDER]
    assert await scene.known() == types(WHOLE)
    assert await scene.known("order-2") == set()


async def test_an_id_is_one_part_of_the_path_whatever_is_in_it(database: mongo.Database) -> None:
    feed = saying([])
    scene = Scene(database["orders"], feed=feed)
    await scene.keep([facts.placed("a/../b?c")], "a/../b?c")
    await scene.look()
    assert feed.asked == ["a%2F..%2Fb%3Fc"]


async def test_a_hundred_pages_that_cannot_be_mended_do_not_starve_one_that_can(
    database: mongo.Database,
) -> None:
    """Some cannot because nothing is known of them, some because they cannot even be read."""
    last = "order-999"
    feed = saying([facts.placed(last), facts.approved(last), facts.started(last)])
    scene = Scene(database["orders"], feed=feed)
    stuck = [f"order-{number}" for number in range(100, 100 + AT_ONCE * TIMES + 1)]
    for order_id in stuck:
        await scene.keep([facts.approved(order_id)], order_id)
    broken = {"$set": {"facts": [{"type": "order.eaten"}]}}
    await database["orders"].update_many({"_id": {"$in": stuck[::2]}}, broken)
    await scene.keep([facts.placed(last)], last)
    await scene.look()
    assert len(feed.asked) == AT_ONCE * TIMES
    await scene.look()
    assert await scene.known(last) == {"order.placed", "payment.approved", "delivery.started"}
    assert sorted(feed.asked) == [*stuck, last]
    await scene.look()
    assert len(feed.asked) == len(stuck) + 1


async def test_so_many_are_asked_at_once_and_no_more(database: mongo.Database) -> None:
    scene = Scene(database["orders"])
    for number in range(3 * AT_ONCE):
        await scene.keep([facts.placed(f"order-{number}")], f"order-{number}")
    now, most = 0, 0

    async def ask(_: str) -> tuple[Event, ...]:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return ()

    await Watchdog(scene.pages, ask, scene._hear, lambda: scene.now, lambda *_: None).look(PATIENCE)
    assert most == AT_ONCE


async def test_a_look_that_is_ended_goes_on_behind_what_held_it_up(database: mongo.Database) -> None:
    scene = Scene(database["orders"])
    ids = [f"order-{number}" for number in range(10, 10 + AT_ONCE + 1)]
    for order_id in ids:
        await scene.keep([facts.placed(order_id)], order_id)
    asked: list[str] = []

    async def ask(order_id: str) -> tuple[Event, ...]:
        asked.append(order_id)
        if order_id == ids[0]:
            await asyncio.Event().wait()
        return ()

    watchdog = Watchdog(scene.pages, ask, scene._hear, lambda: scene.now, lambda *_: None)
    looking = asyncio.create_task(watchdog.look(PATIENCE))
    await until(lambda: asked)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    await watchdog.look(PATIENCE)
    assert asked == ids


async def test_what_is_mended_during_a_rebuild_is_in_both(database: mongo.Database) -> None:
    scene = Scene(database["orders"], feed=saying(WHOLE))
    scene.rebuilt = MongoPages(database["orders_new"])
    await scene.keep(WHOLE[1:])
    await scene.look()
    for pages in (scene.pages, scene.rebuilt):
        page = await pages.load(facts.ORDER)
        assert page is not None
        assert "order.placed" in types(page.facts)


async def test_what_is_heard_meanwhile_is_not_counted(database: mongo.Database) -> None:
    scene = Scene(database["orders"])
    await scene.keep([facts.placed()])

    async def ask(_: str) -> tuple[Event, ...]:
        return (facts.approved(),)

    async def hear(fact: Event) -> bool:
        await scene._hear(fact)
        return await scene._hear(fact)

    counted: list[str] = []
    watchdog = Watchdog(scene.pages, ask, hear, lambda: scene.now, lambda *_: counted.append("page"))
    await watchdog.look(PATIENCE)
    assert counted == []
    assert "payment.approved" in await scene.known()


def test_pages_wait_since_the_fact_that_calls_for_another_or_never_did_without_it() -> None:
    def since(*told: Event) -> datetime | None:
        return page_of(facts.ORDER, told).awaited_since

    assert since(facts.placed()) == facts.after(0)
    assert since(*WHOLE[:2]) == facts.after(1)
    assert since(*WHOLE[:3]) is None
    assert since(*WHOLE) is None
    assert since(*WHOLE[1:]) == facts.after(1)
    assert since(facts.placed(), facts.started()) == facts.after(2)
    assert since(facts.placed(), facts.declined()) is None
    assert since(*STOPPED[:-1]) == facts.after(6)
    assert since(*STOPPED) is None
