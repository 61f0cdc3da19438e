"""Feeds of a collection on the real MongoDB; each service's own shape is tested beside the service."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from pymongo.errors import OperationFailure
from starlette.applications import Starlette

from schema.events import EVENTS
from schema.feed import MAX_PAGE, PAGE, Entry, FeedPage
from services.chassis import http, mongo
from services.chassis.feed import AGGREGATE, Feed
from tests import facts
from tests.services.feeding import entry_of, page_of

AT = {"id": "order-1/order.placed", "at": facts.after(1)}


@pytest.fixture
async def client(database: mongo.Database) -> AsyncIterator[httpx2.AsyncClient]:
    feed = Feed(database["things"], AGGREGATE)
    app = Starlette(routes=feed.routes(), exception_handlers=http.EXCEPTION_HANDLERS)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


async def keep(database: mongo.Database, *order_ids: str, **others: object) -> None:
    documents = [
        {"_id": order_id, "facts": EVENTS.dump_python((facts.placed(order_id),)), "secret": "not said"}
        | {"outbox": [], "told": [AT]}
        | others
        for order_id in order_ids
    ]
    await database["things"].insert_many(documents)


async def all_ids(client: httpx2.AsyncClient, limit: int) -> list[str]:
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = await page_of(client, Entry, after=after, limit=limit)
        assert len(page.entries) <= limit
        seen += [entry.order_id for entry in page.entries]
        after = page.next
    return seen


async def test_an_entry_says_all_facts_and_what_was_told(
    client: httpx2.AsyncClient, database: mongo.Database
) -> None:
    await keep(database, facts.ORDER, outbox=[{"id": "order-1/order.canceled", "at": facts.after(2)}])
    entry = await entry_of(client, Entry, facts.ORDER)
    assert entry.facts == (facts.placed(),)
    assert [(each.id, each.at) for each in entry.told] == [("order-1/order.placed", facts.after(1))]
    assert [(each.id, each.at) for each in entry.untold] == [("order-1/order.canceled", facts.after(2))]
    assert (await page_of(client, Entry)).entries == (entry,)
    assert "secret" not in (await client.get("/feed")).text


async def test_a_document_of_before_there_were_marks_is_read_too(
    client: httpx2.AsyncClient, database: mongo.Database
) -> None:
    await database["things"].insert_one({"_id": "old", "facts": EVENTS.dump_python((facts.placed("old"),))})
    assert await entry_of(client, Entry, "old") == Entry(order_id="old", facts=(facts.placed("old"),))


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
async def test_pages_hold_every_order_once_and_in_order(
    limit: int, client: httpx2.AsyncClient, database: mongo.Database
) -> None:
    names = [f"order-{letter}" for letter in "gacebdf"]
    await keep(database, *names)
    assert await all_ids(client, limit) == sorted(names)


async def test_a_feed_is_taken_up_again_after_any_entry_also_one_that_is_not_there(
    client: httpx2.AsyncClient, database: mongo.Database
) -> None:
    await keep(database, "a", "c", "e")
    assert [each.order_id for each in (await page_of(client, Entry, after="b")).entries] == ["c", "e"]
    assert await page_of(client, Entry, after="e") == FeedPage[Entry](entries=(), next=None)


async def test_a_page_is_as_long_as_is_said(client: httpx2.AsyncClient, database: mongo.Database) -> None:
    await keep(database, *(f"order-{number:04}" for number in range(MAX_PAGE + 1)))
    page = await page_of(client, Entry)
    assert (len(page.entries), page.next) == (PAGE, f"order-{PAGE - 1:04}")
    assert len((await page_of(client, Entry, limit=MAX_PAGE)).entries) == MAX_PAGE


@pytest.mark.parametrize(
    "nonsense", ["limit=0", "limit=-1", f"limit={MAX_PAGE + 1}", "limit=many", "limit=", "from=order-1"]
)
async def test_nonsense_is_refused_with_a_reason(nonsense: str, client: httpx2.AsyncClient) -> None:
    response = await client.get(f"/feed?{nonsense}")
    assert response.status_code == 422
    assert response.json()["problems"]


async def test_an_order_that_nobody_knows_is_not_found(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/feed/order-1")).status_code == 404


async def test_a_page_is_read_by_its_index_and_nothing_else(
    client: httpx2.AsyncClient, database: mongo.Database
) -> None:
    del client
    await keep(database, *(f"order-{number}" for number in range(50)))
    cursor = database["things"].find({"_id": {"$gt": "order-2"}}, AGGREGATE).sort("_id", 1).limit(5)
    plan = await cursor.explain()
    assert "SORT" not in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] == 5


async def test_a_collection_that_is_swapped_is_read_once_more() -> None:
    tries: list[int] = []

    async def read() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise OperationFailure("renamed", code=175)
        return "read"

    assert await mongo.reading(read) == "read"
    with pytest.raises(OperationFailure, match="unauthorized"):
        await mongo.reading(_refused)


async def _refused() -> None:
    raise OperationFailure("unauthorized", code=13)
