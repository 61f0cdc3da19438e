"""The pages made anew, by the real services on the real servers, while orders go on and pages are read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from typer.testing import CliRunner

from compose.cli import app
from schema.events import Event
from schema.feed import Entry, FeedPage, PageEntry
from schema.projection import project
from schema.rebuild import Difference
from services.chassis import mongo
from tests import parts
from tests.conftest import Place
from tests.filling import fill, order_id, story
from tests.living import Life
from tests.parts import Parts
from tests.waiting import until

ORDERS = 2400


@pytest.fixture
async def system(place: Place, mongo_client: mongo.Client) -> AsyncIterator[Parts]:
    await fill(mongo_client, place.prefix, range(ORDERS))
    async with parts.running(place.mongo_url, place.rabbitmq_url, place.prefix) as running:
        yield running


@pytest.fixture
def pages(mongo_client: mongo.Client, place: Place) -> mongo.Collection:
    return mongo_client[f"{place.prefix}_mypage"]["orders"]


async def all_of(system: Parts, name: str, kind: type[Entry]) -> list[Any]:
    entries: list[Any] = []
    after: str | None = ""
    while after is not None:
        async with system.session.get(f"{system.urls[name]}/feed", params={"after": after}) as response:
            page = FeedPage[kind].model_validate_json(await response.read())  # type: ignore[valid-type]
        entries += page.entries
        after = page.next
    return entries


async def pages_are_what_the_services_say(system: Parts) -> bool:
    told: dict[str, set[Event]] = {}
    for name in ("order", "payment", "delivery"):
        for entry in await all_of(system, name, Entry):
            told.setdefault(entry.order_id, set()).update(entry.facts)
    shown = {entry.order_id: entry for entry in await all_of(system, "mypage", PageEntry)}
    if {each: set(entry.facts) for each, entry in shown.items()} != told:
        return False
    assert all(entry.view == project(entry.facts) for entry in shown.values())
    return all(
        {each.id for each in entry.taken_in} == {fact.id for fact in entry.facts} for entry in shown.values()
    )


async def left_over(pages: mongo.Collection) -> list[str]:
    names: list[str] = await pages.database.list_collection_names()
    return [name for name in names if name.startswith("orders_")]


async def test_a_rebuild_loses_no_change_and_fails_no_read(system: Parts, pages: mongo.Collection) -> None:
    life = Life(system, pages, ORDERS)
    async with life.going_on():
        assert await system.rebuild() == 202
        assert await system.rebuild() == 409
        ended = await system.rebuilt()
    assert (ended.state, ended.differences, ended.error) == ("swapped", (), None)
    assert ended.pages >= ORDERS
    assert life.failures == []
    assert min(len(life.placed), len(life.completed), life.reads) > 20
    await until(lambda: pages_are_what_the_services_say(system), timeout=20)
    await until(lambda: nothing_is_left(pages))


async def nothing_is_left(pages: mongo.Collection) -> bool:
    return not await left_over(pages)


async def damage(pages: mongo.Collection) -> None:
    """One page says another amount, one lacks a fact, one is gone, and one is nobody's."""
    await pages.update_one({"_id": order_id(2)}, {"$set": {"amount": 1}})
    lacking = {"$pull": {"facts": {"type": "delivery.completed"}}, "$inc": {"version": -1}}
    await pages.update_one({"_id": order_id(4)}, lacking)
    await pages.delete_one({"_id": order_id(5)})
    document = await pages.find_one({"_id": order_id(6)})
    assert document is not None
    await pages.insert_one(document | {"_id": "order-none"})


def invoke(system: Parts, *options: str) -> tuple[int, str]:
    """What `fruitstore rebuild-mypage` says."""
    addresses = system.addresses | {"RABBITMQ_URL": "amqp://nobody"}
    result = CliRunner().invoke(app, ["rebuild-mypage", *options], env=addresses)
    assert "Traceback" not in result.output
    return result.exit_code, result.output


async def test_pages_that_differ_are_told_of_and_only_on_demand_replaced(
    system: Parts, pages: mongo.Collection
) -> None:
    await damage(pages)
    status, said = await asyncio.to_thread(invoke, system)
    assert status == 1, said
    assert "were left alone" in said
    assert await pages.count_documents({"_id": {"$in": ["order-none", order_id(5)]}}) == 1
    assert (await system.rebuilding()).differences == (
        Difference(kind="delivery.completed missing in live", orders=1, examples=(order_id(4),)),
        Difference(kind="field amount differs", orders=1, examples=(order_id(2),)),
        Difference(kind="page missing in live", orders=1, examples=(order_id(5),)),
        Difference(kind="page unknown to the feeds", orders=1, examples=("order-none",)),
    )
    assert all(kind in said for kind in ("page missing in live", order_id(4), "field amount differs"))
    await until(lambda: nothing_is_left(pages))
    status, said = await asyncio.to_thread(invoke, system, "--despite-differences")
    assert status == 0, said
    assert f"{ORDERS} pages were made anew" in said
    shown = {entry.order_id: entry for entry in await all_of(system, "mypage", PageEntry)}
    assert shown.keys() == {order_id(number) for number in range(ORDERS)}
    assert all(shown[order_id(number)].view == project(story(number)) for number in range(ORDERS))
    assert (await asyncio.to_thread(invoke, system, "--look"))[0] == 0


async def test_an_entry_that_cannot_be_read_is_named_and_nothing_is_changed(
    system: Parts, mongo_client: mongo.Client, place: Place
) -> None:
    payments = mongo_client[f"{place.prefix}_payment"]["payments"]
    await payments.update_one({"_id": order_id(7)}, {"$set": {"facts.0.amount": "much"}})
    status, said = await asyncio.to_thread(invoke, system)
    assert status == 1
    assert said == (
        f"fruitstore: The rebuild failed. What payment says of order {order_id(7)} cannot be read"
        " (facts.0.payment.approved.amount). Put that right, then start the rebuild again.\n"
    )


async def test_a_rebuild_whose_mypage_is_killed_can_be_started_again(
    system: Parts, pages: mongo.Collection
) -> None:
    assert await system.rebuild() == 202
    await until(lambda: half_built(pages), every=0.005)
    await system.kill("mypage")
    life = Life(system, pages, ORDERS)
    async with life.going_on():
        await system.start("mypage")
        seen = await system.rebuilt()
        assert (seen.state, seen.alive) == ("building", False)
        assert await system.rebuild() == 202
        ended = await system.rebuilt()
    assert (ended.state, ended.differences) == ("swapped", ())
    assert life.failures == []
    await until(lambda: pages_are_what_the_services_say(system), timeout=20)
    await until(lambda: nothing_is_left(pages))


async def half_built(pages: mongo.Collection) -> bool:
    names = await left_over(pages)
    return bool(names) and await pages.database[names[0]].estimated_document_count() > 0
