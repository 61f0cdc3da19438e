"""What is shown of a page as MyPage keeps it is what is shown of its view."""

from typing import Any

import pytest

from bff.edge import json
from bff.graph.compiled.kept import Kept
from bff.graph.types import Order
from bff.mypage import MyPage
from schema.events import Event
from services.mypage.store import MongoPages
from tests import facts
from tests.bff.keeping import keep
from tests.facts import CUSTOMER

STORIES = [
    pytest.param([facts.placed()], id="placed"),
    pytest.param([facts.placed(), facts.approved()], id="paid"),
    pytest.param([facts.placed(), facts.declined()], id="declined"),
    pytest.param([facts.placed(), facts.canceled()], id="canceled"),
    pytest.param([facts.placed(), facts.approved(), facts.started(), facts.completed()], id="delivered"),
    pytest.param(list(facts.every_kind()), id="everything"),
]


@pytest.mark.parametrize("story", STORIES)
async def test_an_order_is_shown_as_its_view(mypage: MyPage, pages: MongoPages, story: list[Event]) -> None:
    await keep(pages, *story)
    page = await mypage.newest(CUSTOMER, 1)
    [document], [view] = page.documents, page.orders
    late = document | {"stale": True}
    assert _as_json(Kept(Order, late).made()) == _as_json(Order.of(view, stale=True))


async def test_also_one_that_was_kept_before_changes_were_dated(mypage: MyPage, pages: MongoPages) -> None:
    await keep(pages, facts.placed())
    await pages._collection.update_one({}, {"$unset": {"changed_at": 1}})
    page = await mypage.newest(CUSTOMER, 1)
    [document], [view] = page.documents, page.orders
    assert _as_json(Kept(Order, document).made()) == _as_json(Order.of(view))
    assert _as_json(Kept(Order, document).made().as_of) == _as_json(view.updated_at)


def _as_json(order: object) -> Any:
    """As it is sent."""
    return json.read(json.written(order))
