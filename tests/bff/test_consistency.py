"""Consistency tokens, and how long MyPage is waited for, on the real MongoDB."""

import asyncio
import base64
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from bff.consistency import MAX_TEXT, BadTokenError, Consistency, Token
from bff.feed import Feed
from bff.mypage import MyPage
from services.mypage.store import MongoPages
from tests.bff.changing import Changing
from tests.facts import CUSTOMER
from tests.waiting import until

types = st.frozensets(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), min_size=1, max_size=9)


@given(st.text(st.characters(codec="utf-8"), max_size=36), types)
def test_a_token_comes_back_as_it_went_out(order_id: str, said: frozenset[str]) -> None:
    token = Token(order_id, said)
    if len(token.text()) <= MAX_TEXT:
        assert Token.read(token.text()) == token


def encoded(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).decode()


@pytest.mark.parametrize(
    "hostile",
    [
        *("", " ", "x", "not base64!", "한글", "\ud800", "====", "\0", '{"$gt": ""}', "A" * (MAX_TEXT + 4)),
        *(encoded(said) for said in (b"", b"{}", b"[]", b'"x"', b'["order-1"]', b'[1, "order.placed"]')),
        *(encoded(said) for said in (b'["x", 1]', b'["x", ""]', b'["x", {"$ne": 1}]', b'[{"$ne": 1}, "x"]')),
        *(encoded(said) for said in (b'["' + b"x" * 101 + b'", "a"]', b'["x"' + b', "a"' * 21 + b"]")),
        encoded(b"[" * 500),
    ],
)
def test_a_token_that_nobody_gave_out_is_refused(hostile: str) -> None:
    with pytest.raises(BadTokenError):
        Token.read(hostile)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadTokenError):
        Token.read(text)


class Waiting:
    """A feed, orders that change, and whoever waits for them."""

    def __init__(self, mypage: MyPage, pages: MongoPages, **settings: Any) -> None:
        self.registry = CollectorRegistry()
        self.feed = Feed(mypage, self.registry)
        self.changing = Changing(pages, self.feed)
        bounds = {"seconds": 1.0, "of_one": 2, "of_all": 3} | settings
        self.consistency = Consistency(mypage, self.feed, self.registry, **bounds)

    async def behind(self, *tokens: Token, customer_id: str = CUSTOMER) -> tuple[set[str], float]:
        """Which are still behind, and after how many seconds that was said."""
        began = time.monotonic()
        found = await self.consistency.behind(customer_id, tokens)
        return set(found), time.monotonic() - began

    def counted(self, outcome: str) -> float:
        return self.registry.get_sample_value("consistency_reads_total", {"outcome": outcome}) or 0


@pytest.fixture
def waiting(mypage: MyPage, pages: MongoPages) -> Waiting:
    return Waiting(mypage, pages)


PLACED = Token("order-1", frozenset({"order.placed"}))
PAID = Token("order-1", frozenset({"order.placed", "payment.approved"}))


async def test_what_shows_already_is_not_waited_for(waiting: Waiting) -> None:
    for _ in range(3):
        await waiting.changing.change("order-1")
    assert (await waiting.behind(PAID, PLACED))[0] == set()
    assert waiting.counted("shown") == 1


@pytest.mark.parametrize("announced", [True, False])
async def test_what_comes_in_time_is_waited_for_and_no_longer(waiting: Waiting, announced: bool) -> None:  # noqa: FBT001 - a parameter of the test
    await waiting.changing.change("order-1")
    asked = asyncio.create_task(waiting.behind(PAID))
    await until(lambda: bool(waiting.consistency._waiting))
    await waiting.changing.change("order-1", announced=announced)
    behind, seconds = await asked
    assert behind == set()
    assert seconds < 0.9
    assert waiting.counted("waited") == 1


async def test_a_version_that_counts_other_facts_is_not_enough(waiting: Waiting) -> None:
    """Versions count facts of any kind: three of them need not be the three that were answered with."""
    for _ in range(3):
        await waiting.changing.change("order-1")
    canceled = Token("order-1", frozenset({"order.placed", "order.canceled"}))
    assert (await waiting.behind(canceled))[0] == {"order-1"}


async def test_an_order_that_never_comes_is_waited_for_so_long_and_read_a_few_times(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, real = 0, MyPage.shown

    async def shown(*arguments: Any) -> Any:
        nonlocal reads
        reads += 1
        return await real(*arguments)

    monkeypatch.setattr(MyPage, "shown", shown)
    behind, seconds = await waiting.behind(PLACED)
    assert behind == {"order-1"}
    assert 1 <= seconds < 1.5
    assert reads <= 7
    assert waiting.counted("stale") == 1


async def test_somebody_elses_order_is_as_one_that_never_comes(waiting: Waiting) -> None:
    for _ in range(3):
        await waiting.changing.change("order-1")
    theirs = await waiting.behind(PLACED, customer_id="customer-2")
    nobodys = await waiting.behind(Token("order-9", PLACED.types), customer_id="customer-2")
    assert (theirs[0], nobodys[0]) == ({"order-1"}, {"order-9"})
    assert abs(theirs[1] - nobodys[1]) < 0.3


async def test_only_so_many_wait_and_the_others_are_told_at_once(waiting: Waiting) -> None:
    def ask(customer_id: str) -> Any:
        return waiting.behind(PLACED, customer_id=customer_id)

    answers = await asyncio.gather(*(ask("one") for _ in range(4)), *(ask("another") for _ in range(4)))
    assert all(behind == {"order-1"} for behind, _ in answers)
    assert [seconds > 0.9 for _, seconds in answers].count(True) == 3
    assert waiting.counted("refused") == 5
    assert waiting.consistency._waiting == {}
    assert (await waiting.behind(PLACED))[1] > 0.9, "there is room again"


async def test_nothing_is_left_of_whoever_gave_up(waiting: Waiting) -> None:
    asked = asyncio.create_task(waiting.behind(PLACED))
    await until(lambda: bool(waiting.consistency._waiting))
    asked.cancel()
    with suppress(asyncio.CancelledError):
        await asked
    assert (waiting.consistency._waiting, waiting.feed._mailboxes) == ({}, {})
