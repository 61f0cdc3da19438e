"""MyPage's feed, on the real MongoDB."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette

from schema.feed import PageEntry
from schema.projection import project
from services.chassis import mongo
from services.chassis.feed import Feed
from services.mypage.projection import take_in
from services.mypage.store import ENTRY, MongoPages
from tests import facts
from tests.services.feeding import entry_of, page_of


@pytest.fixture
async def client(database: mongo.Database) -> AsyncIterator[httpx2.AsyncClient]:
    app = Starlette(routes=Feed(database["orders"], ENTRY).routes())
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://mypage") as client:
        yield client


async def test_the_feed_says_the_view_and_when_each_fact_came(
    client: httpx2.AsyncClient, database: mongo.Database
) -> None:
    moments = iter([facts.after(10), facts.after(20)])
    pages = MongoPages(database["orders"], lambda: next(moments))
    first = take_in(None, facts.placed())
    second = take_in(first, facts.approved())
    await pages.keep(first, None)
    await pages.keep(second, first)
    entry = await entry_of(client, PageEntry, facts.ORDER)
    assert entry.facts == (facts.placed(), facts.approved())
    assert entry.view == project(entry.facts)
    taken_in = [(facts.placed().id, facts.after(10)), (facts.approved().id, facts.after(20))]
    assert [(each.id, each.at) for each in entry.taken_in] == taken_in
    assert (await page_of(client, PageEntry)).entries == (entry,)


async def test_a_page_without_its_order_has_no_view(
    client: httpx2.AsyncClient, database: mongo.Database
) -> None:
    await MongoPages(database["orders"]).keep(take_in(None, facts.approved()), None)
    entry = await entry_of(client, PageEntry, facts.ORDER)
    assert (entry.view, entry.facts) == (None, (facts.approved(),))
    assert await database["orders"].count_documents({"awaited_since": {"$exists": True}}) == 1


async def test_a_page_of_before_moments_were_kept_is_read_and_kept_on(
    client: httpx2.AsyncClient, database: mongo.Database
) -> None:
    pages = MongoPages(database["orders"])
    old = take_in(None, facts.placed())
    await pages.keep(old, None)
    await database["orders"].update_one({}, {"$unset": {"taken_in": 1}})
    assert (await entry_of(client, PageEntry, facts.ORDER)).taken_in == ()
    await pages.keep(take_in(old, facts.approved()), old)
    entry = await entry_of(client, PageEntry, facts.ORDER)
    assert [each.id for each in entry.taken_in] == [facts.approved().id]
    assert entry.facts == (facts.placed(), facts.approved())
