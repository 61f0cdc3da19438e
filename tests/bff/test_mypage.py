import base64
from datetime import timedelta
from typing import Any

import pytest

from bff.mypage import BadCursorError, MyPage, Page
from schema.views import OrderStatus
from services.chassis import mongo
from services.mypage.store import MongoPages
from tests import facts
from tests.bff.keeping import after, keep, keep_order
from tests.facts import CUSTOMER


def ids(page: Page) -> list[str]:
    return [order.id for order in page.orders]


async def all_pages(mypage: MyPage, size: int, **filters: Any) -> list[str]:
    """Page by page to the end."""
    seen: list[str] = []
    page = await mypage.newest(CUSTOMER, size, **filters)
    while True:
        assert len(page.orders) <= size
        seen += ids(page)
        if not page.more:
            return seen
        page = await mypage.newest(CUSTOMER, size, after(page.orders[-1]), **filters)


async def test_an_order_is_its_customers_and_nobody_elses(mypage: MyPage, pages: MongoPages) -> None:
    await keep(pages, facts.placed(), facts.approved())
    seen = await mypage.order(CUSTOMER, "order-1")
    assert seen is not None
    assert (seen.id, seen.status, seen.version) == ("order-1", OrderStatus.PAID, 2)
    assert seen.placed_at == facts.NOON
    assert await mypage.order("customer-2", "order-1") is None
    assert await mypage.order(CUSTOMER, "order-2") is None
    assert ids(await mypage.newest("customer-2", 10)) == []


async def test_a_page_has_only_its_customers_orders(mypage: MyPage, pages: MongoPages) -> None:
    for number in range(6):
        await keep_order(pages, f"order-{number}", number, customer_id=f"customer-{number % 2}")
    page = await mypage.newest("customer-1", 2)
    assert (ids(page), page.more) == (["order-5", "order-3"], True)
    page = await mypage.newest("customer-1", 2, after(page.orders[-1]))
    assert (ids(page), page.more) == (["order-1"], False)


async def test_a_cursor_of_another_customer_shows_nothing_of_theirs(
    mypage: MyPage, pages: MongoPages
) -> None:
    await keep_order(pages, "mine", 0)
    await keep_order(pages, "theirs", 5, customer_id="customer-2")
    stolen = after((await mypage.newest("customer-2", 1)).orders[0])
    assert ids(await mypage.newest(CUSTOMER, 5, stolen)) == ["mine"]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_pages_of_orders_placed_in_one_moment_have_no_gap_and_no_repetition(
    mypage: MyPage, pages: MongoPages, size: int
) -> None:
    names = [f"{second}-{letter}" for second in (2, 1, 0) for letter in "dcba"]
    for name in sorted(names, key=lambda name: name[::-1]):
        await keep_order(pages, name, float(name[0]) / 1000)
    assert await all_pages(mypage, size) == names


async def test_a_page_of_none_says_whether_there_are_any(mypage: MyPage, pages: MongoPages) -> None:
    assert await mypage.newest(CUSTOMER, 0) == Page([], more=False)
    await keep_order(pages, "order-1")
    assert await mypage.newest(CUSTOMER, 0) == Page([], more=True)


async def test_filters_keep_what_stands_so_also_across_pages(mypage: MyPage, pages: MongoPages) -> None:
    kinds = [OrderStatus.PAID, OrderStatus.CANCELED, OrderStatus.PAYMENT_DECLINED]
    for number in range(9):
        await keep_order(pages, f"order-{number}", number, kinds[number % 3])
    assert await all_pages(mypage, 2, status=[OrderStatus.PAID]) == ["order-6", "order-3", "order-0"]
    both = await all_pages(mypage, 2, status=[OrderStatus.PAID, OrderStatus.CANCELED])
    assert both == [f"order-{number}" for number in (7, 6, 4, 3, 1, 0)]
    assert await all_pages(mypage, 2, status=[OrderStatus.DELIVERED]) == []
    assert len(await all_pages(mypage, 4)) == 9


async def test_a_page_without_its_order_placed_is_nobodys(mypage: MyPage, pages: MongoPages) -> None:
    await keep(pages, facts.approved("early"))
    assert await mypage.order(CUSTOMER, "early") is None
    assert ids(await mypage.newest(CUSTOMER, 5)) == []
    assert [order async for order in mypage.orders(["early"])] == []


async def test_orders_are_found_by_id_whosever_they_are(mypage: MyPage, pages: MongoPages) -> None:
    await keep_order(pages, "mine")
    await keep_order(pages, "theirs", customer_id="customer-2")
    found = {order.id: order.customer_id async for order in mypage.orders(["mine", "theirs", "nobodys"])}
    assert found == {"mine": CUSTOMER, "theirs": "customer-2"}


@pytest.mark.parametrize("seconds", [0, 0.001, 0.999, 1e9])
async def test_a_cursor_comes_back_as_it_went_out(mypage: MyPage, pages: MongoPages, seconds: float) -> None:
    await keep_order(pages, "order", seconds)
    (order,) = (await mypage.newest(CUSTOMER, 1)).orders
    assert ids(await mypage.newest(CUSTOMER, 1, after(order))) == []
    later = order.placed_at + timedelta(milliseconds=1)
    for name in ("", "a:b", "김:", "x" * 1000, "\0"):
        moved = order.model_copy(update={"id": name, "placed_at": later})
        assert ids(await mypage.newest(CUSTOMER, 1, after(moved))) == ["order"]
    for name, seen in (("order ", ["order"]), ("orde", [])):
        moved = order.model_copy(update={"id": name})
        assert ids(await mypage.newest(CUSTOMER, 1, after(moved))) == seen


def encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode()


@pytest.mark.parametrize(
    "hostile",
    [
        *("", " ", "x", "not base64!", "한글", "\ud800", "=", "====", "\0"),
        *(
            encoded(text)
            for text in (b"", b":", b"x", b"x:order-1", b":order-1", b"1795348800000", b"\xff\xfe:x")
        ),
        *(encoded(number + b":x") for number in (b"9" * 20, b"-" + b"9" * 20, b"9" * 400, b"9" * 5000)),
        *(
            encoded(number + b":x")
            for number in (b"1e3", b"1.5", b"nan", b"inf", b"0x10", b"253402300800000")
        ),
        encoded(b"1795348800000:\xff"),
        '{"$gt": ""}',
    ],
)
async def test_a_cursor_that_nobody_gave_out_is_refused(mongo_client: mongo.Client, hostile: str) -> None:
    with pytest.raises(BadCursorError):
        await MyPage(mongo_client["nothing"]["here"]).newest(CUSTOMER, 5, hostile)
