"""myOrders: a page of my orders, newest first."""

import strawberry

from bff.graph.codes import Code
from bff.graph.context import Info
from bff.graph.enums import OrderStatus
from bff.graph.errors import CodedError, bad_input
from bff.graph.types import Order
from bff.mypage import MAX_PAGE, BadCursorError, Page, cursor
from schema import views


@strawberry.type(description="Where a page begins and ends, and whether there is more.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="An order, and where it stands in the list.")
class OrderEdge:
    cursor: str
    node: Order


@strawberry.type(description="A page of orders.")
class OrderConnection:
    edges: list[OrderEdge]
    page_info: PageInfo


@strawberry.input(description="Which orders to show; all where nothing is said.")
class OrderFilter:
    status: list[OrderStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Only orders that stand so."
    )


@strawberry.type
class MyOrdersQuery:
    """The field of Query that this file adds."""

    @strawberry.field(description="My orders, newest first. At most 50 a page.")
    async def my_orders(
        self,
        info: Info,
        first: int | None = 20,
        after: str | None = strawberry.UNSET,
        filter: OrderFilter | None = strawberry.UNSET,  # noqa: A002 # the API's name
    ) -> OrderConnection:
        wanted = 20 if first is None else first
        if wanted < 0:
            raise bad_input("first cannot be negative.")
        if wanted > MAX_PAGE:
            raise CodedError(Code.PAGE_TOO_LARGE, f"A page has at most {MAX_PAGE} orders.")
        status = (filter.status if filter else None) or None
        try:
            page = await info.context.services.mypage.newest(
                info.context.customer,
                wanted,
                after or None,
                None if status is None else [views.OrderStatus[each.name] for each in status],
            )
        except BadCursorError as error:
            raise bad_input("after is not a cursor of this list.") from error
        return _connection(page, further=bool(after))


def _connection(page: Page, *, further: bool) -> OrderConnection:
    edges = [OrderEdge(cursor=cursor(view), node=Order.of(view)) for view in page.orders]
    return OrderConnection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=page.more,
            has_previous_page=further,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )
