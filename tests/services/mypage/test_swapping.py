"""How a rebuild ends, whatever it meets; the MongoDB is real, the feeds are made up."""

import asyncio
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from pymongo.errors import AutoReconnect

from bff.mypage import MyPage
from schema.events import EVENTS, Event
from schema.feed import Entry, FeedPage
from schema.rebuild import Rebuild, StartRebuild
from schema.views import OrderView
from services.chassis import mongo
from services.chassis.background import running
from services.chassis.upstream import Answer, Failure, Upstream
from services.mypage import comparing, control, joining
from services.mypage import rebuild as rebuilding
from services.mypage.control import Control
from services.mypage.handlers import hear
from services.mypage.projection import page_of
from services.mypage.rebuild import Rebuilder
from services.mypage.store import MongoPages
from tests.filling import order_id, story
from tests.waiting import until

ORDERS = 300


class Source:
    """A feed of the facts of a kind; it may be away."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.away = False

    async def ask(self, method: str, path: str) -> Answer:
        if self.away:
            raise Failure(method)
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        after, limit = query.get("after", ""), int(query["limit"])
        ids = [order_id(number) for number in range(ORDERS) if order_id(number) > after]
        entries = [Entry(order_id=each, facts=self._told(each)) for each in ids[:limit]]
        page = FeedPage[Entry](entries=tuple(entries), next=ids[limit - 1] if len(ids) > limit else None)
        return Answer(200, page.model_dump_json().encode())

    def _told(self, name: str) -> tuple[Event, ...]:
        return tuple(fact for fact in story(int(name[-8:])) if fact.type.startswith(f"{self.kind}."))


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "SETTLED_AFTER_SECONDS", 0.02)
    monkeypatch.setattr(control, "KNOWN_FOR_SECONDS", 0)
    monkeypatch.setattr(comparing, "BETWEEN_LOOKS_SECONDS", 0.01)
    monkeypatch.setattr(joining, "PATIENCE_SECONDS", 0.1)


@pytest.fixture
def sources() -> dict[str, Source]:
    return {kind: Source(kind) for kind in ("order", "payment", "delivery")}


@pytest.fixture
async def rebuilder(database: mongo.Database, sources: dict[str, Source]) -> Rebuilder:
    pages = MongoPages(database["orders"])
    await pages.prepare()
    await pages.add([page_of(order_id(number), story(number)) for number in range(ORDERS)], {})
    return Rebuilder(database, Control(database["rebuild"]), cast("dict[str, Upstream]", sources))


async def ended(rebuilder: Rebuilder, database: mongo.Database, **command: bool) -> Rebuild:
    """Rebuild, up to the end, when nothing is left of it."""
    async with running(rebuilder.run()):
        assert await rebuilder.start(StartRebuild(**command))
        await until(lambda: _is_over(rebuilder, database))
    return await rebuilder.seen()


async def _is_over(rebuilder: Rebuilder, database: mongo.Database) -> bool:
    return (await rebuilder.seen()).ended and not await left_over(database)


async def left_over(database: mongo.Database) -> list[str]:
    return [name for name in await database.list_collection_names() if name.startswith("orders_")]


async def uuid(database: mongo.Database) -> Any:
    return [each["info"]["uuid"] async for each in await database.list_collections(filter={"name": "orders"})]


async def test_pages_that_are_alike_are_swapped_with_their_indexes(
    rebuilder: Rebuilder, database: mongo.Database
) -> None:
    before = await uuid(database)
    assert await ended(rebuilder, database) == Rebuild(
        state="swapped", done=ORDERS, total=ORDERS, pages=ORDERS
    )
    assert await uuid(database) != before
    assert await database["orders"].count_documents({}) == ORDERS
    assert set(await database["orders"].index_information()) == {
        "_id_",
        "newest",
        "newest_by_status",
        "last_changed",
        "awaiting",
    }


async def test_readers_never_notice_however_often_pages_are_swapped(
    rebuilder: Rebuilder, database: mongo.Database
) -> None:
    mypage = MyPage(database["orders"])
    failures: list[Exception] = []
    reads = 0

    async def read() -> None:
        nonlocal reads
        while True:
            try:
                assert len((await mypage.newest("customer-2", 50)).orders) == 1
                assert len([each async for each in mypage.orders([order_id(n) for n in range(200)])]) == 200
            except Exception as error:  # noqa: BLE001 # whatever it is, it is too much
                failures.append(error)
            reads += 1

    async with running(*(read() for _ in range(8))):
        for _ in range(5):
            assert (await ended(rebuilder, database)).state == "swapped"
    assert failures == []
    assert reads > 20


async def test_where_a_feed_stays_away_the_live_pages_stay(
    rebuilder: Rebuilder, database: mongo.Database, sources: dict[str, Source]
) -> None:
    before = await uuid(database)
    sources["payment"].away = True
    seen = await ended(rebuilder, database)
    assert (seen.state, await uuid(database)) == ("failed", before)
    assert seen.error is not None
    assert "The feed of payment did not answer" in seen.error
    sources["payment"].away = False
    assert (await ended(rebuilder, database)).state == "swapped"


async def test_one_that_was_taken_for_dead_swaps_nothing(
    rebuilder: Rebuilder, database: mongo.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await uuid(database)
    compare = comparing.differing

    async def slowly(*arguments: Any) -> list[str]:
        found = await compare(*arguments)
        with monkeypatch.context() as patch:
            patch.setattr(control, "DEAD_AFTER_MS", -1000)
            assert await Control(database["rebuild"]).begin("another")
        return found

    monkeypatch.setattr(comparing, "differing", slowly)
    async with running(rebuilder.run()):
        await rebuilder.start(StartRebuild())
        await until(lambda: _job_is(database, "another"))
        await until(lambda: _idle(rebuilder))
    assert await uuid(database) == before
    assert (await rebuilder.seen()).state == "preparing"


async def _job_is(database: mongo.Database, job: str) -> bool:
    document = await database["rebuild"].find_one({})
    return bool(document and document["job"] == job)


def _idle(rebuilder: Rebuilder) -> bool:
    return bool(rebuilder._wanted._getters)  # type: ignore[attr-defined] # it waits for the next


@pytest.mark.parametrize("happened", [True, False])
async def test_where_it_is_not_known_whether_they_were_swapped_that_is_found_out(
    happened: bool,  # noqa: FBT001 # a parameter of the test
    rebuilder: Rebuilder,
    database: mongo.Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = await uuid(database)
    rename = mongo.Collection.rename

    async def unclear(self: mongo.Collection, *arguments: Any, **options: Any) -> None:
        if happened:
            await rename(self, *arguments, **options)
        raise AutoReconnect("gone")

    with monkeypatch.context() as patch:
        patch.setattr(mongo.Collection, "rename", unclear)
        async with running(rebuilder.run()):
            await rebuilder.start(StartRebuild())
            await until(lambda: _is_in(rebuilder, "swapped" if happened else "swapping"))
            assert (await uuid(database) != before) is happened
            assert await database["orders"].count_documents({}) == ORDERS


@pytest.mark.parametrize("ending", ["stopped", "frozen"])
async def test_what_is_heard_before_a_rename_that_comes_late_is_in_the_new_pages(
    ending: str, rebuilder: Rebuilder, database: mongo.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked for it is gone, or counts as dead, when it comes."""
    asked = asyncio.Event()

    async def later(*_: object, **__: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(mongo.Collection, "rename", later)
        async with running(rebuilder.run()):
            await rebuilder.start(StartRebuild())
            await asked.wait()
            into = await rebuilder.rebuilt()
            assert into is not None
            if ending == "frozen":
                patch.setattr(control, "DEAD_AFTER_MS", -1000)
                assert await rebuilder.rebuilt() is not None
        assert await rebuilder.rebuilt() is not None
    heard = story(ORDERS)[0]
    await hear(heard, MongoPages(database["orders"]), announced, rebuilder.rebuilt)
    [rebuilt] = await left_over(database)
    await database[rebuilt].rename("orders", dropTarget=True)
    assert await MongoPages(database["orders"]).load(heard.order_id) is not None


async def announced(_: OrderView) -> None:
    """Nobody listens."""


async def _is_in(rebuilder: Rebuilder, state: str) -> bool:
    return (await rebuilder.seen()).state == state


async def test_a_process_that_stops_says_so_and_leaves_room_for_the_next(
    rebuilder: Rebuilder, database: mongo.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = asyncio.Event()

    async def never(*_: object) -> list[str]:
        stuck.set()
        await asyncio.Event().wait()
        return []

    with monkeypatch.context() as patch:
        patch.setattr(comparing, "differing", never)
        async with running(rebuilder.run()):
            await rebuilder.start(StartRebuild())
            await stuck.wait()
    seen = await rebuilder.seen()
    assert (seen.state, seen.error) == ("failed", "Mypage was stopped: start it again.")
    assert (await ended(rebuilder, database)).state == "swapped", "with what was left of the other swept away"


async def test_pages_of_another_shape_are_made_anew_on_demand(
    rebuilder: Rebuilder, database: mongo.Database
) -> None:
    await database["orders"].update_many({}, {"$rename": {"status": "old_status"}})
    seen = await ended(rebuilder, database)
    assert {each.kind: each.orders for each in seen.differences} == {
        "field old_status differs": ORDERS,
        "field status differs": ORDERS,
    }
    assert (await ended(rebuilder, database, despite_differences=True)).state == "swapped"
    document = await database["orders"].find_one({})
    assert document is not None
    assert document["facts"] == list(EVENTS.dump_python(story(0)))
    assert (await ended(rebuilder, database)).differences == ()
