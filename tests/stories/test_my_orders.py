"""myOrders: pages of a customer's orders, newest first."""

import pytest

from tests.stories.customer import Customer


async def placed(customer: Customer, count: int) -> list[str]:
    """So many orders, newest first, all delivering."""
    ids = [await customer.places(quantity=number + 1) for number in range(count)]
    for order_id in ids:
        await customer.sees(order_id, status="DELIVERING")
    return ids[::-1]


async def test_pages_follow_one_another_newest_first_without_gap_or_repetition(customer: Customer) -> None:
    ids = await placed(customer, 5)
    seen, after = [], None
    for number in range(3):
        page = await customer.page(first=2, after=after)
        seen += [edge["node"]["id"] for edge in page["edges"]]
        info = page["pageInfo"]
        assert info["hasNextPage"] is (number < 2)
        assert info["hasPreviousPage"] is (number > 0)
        assert (info["startCursor"], info["endCursor"]) == (
            page["edges"][0]["cursor"],
            page["edges"][-1]["cursor"],
        )
        after = info["endCursor"]
    assert seen == ids


async def test_a_new_order_does_not_shift_the_next_page(customer: Customer) -> None:
    ids = await placed(customer, 3)
    first = await customer.page(first=2)
    await placed(customer, 1)
    second = await customer.page(first=2, after=first["pageInfo"]["endCursor"])
    assert [edge["node"]["id"] for edge in second["edges"]] == ids[2:]


async def test_a_filter_shows_only_orders_that_stand_so(customer: Customer) -> None:
    canceled, delivering = await placed(customer, 2)
    await customer.cancel(canceled)
    await customer.sees(canceled, status="CANCELED", delivery__status="CANCELED")

    async def shown(*status: str) -> list[str]:
        page = await customer.page(filter={"status": list(status)})
        return [edge["node"]["id"] for edge in page["edges"]]

    assert await shown("CANCELED") == [canceled]
    assert await shown("DELIVERING") == [delivering]
    assert await shown("CANCELED", "DELIVERING") == [canceled, delivering]
    assert await shown("PAYMENT_DECLINED") == []


async def test_a_page_of_none_says_whether_there_are_any(customer: Customer) -> None:
    await placed(customer, 1)
    page = await customer.page(first=0)
    assert (page["edges"], page["pageInfo"]["hasNextPage"]) == ([], True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"first": 51}, "PAGE_TOO_LARGE"),
        ({"first": -1}, "BAD_USER_INPUT"),
        ({"after": "not a cursor"}, "BAD_USER_INPUT"),
    ],
)
async def test_arguments_that_make_no_sense_are_an_error_with_a_code(
    customer: Customer, arguments: dict[str, object], code: str
) -> None:
    query = (
        "query ($first: Int, $after: String) { myOrders(first: $first, after: $after) { edges { cursor } } }"
    )
    answer = await customer.ask(query, arguments)
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
