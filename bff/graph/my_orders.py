"""myOrders: a page of my orders, newest first."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, cast

import strawberry

from bff.consistency import Token, all_shown
from bff.graph.codes import Code
from bff.graph.compiled.kept import Kept, Reading, Readings, key, many, worked
from bff.graph.consistent import ConsistencyToken, taken
from bff.graph.context import Context, Info
from bff.graph.enums import OrderStatus
from bff.graph.errors import CodedError, bad_input
from bff.graph.selecting import selects
from bff.graph.types import Order, kept_since
from bff.mypage import MAX_PAGE, BadCursorError, Page, cursor
from bff.position import Position
from schema import views

Read = Callable[[], Awaitable[Page]]


@strawberry.type(description="Where a page begins and ends, and whether there is more.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether older orders follow: ask `after` endCursor.")
    has_previous_page: bool = strawberry.field(description="Whether this page was asked for with `after`.")
    start_cursor: str | None = strawberry.field(description="Of the first order; null where there is none.")
    end_cursor: str | None = strawberry.field(description="Of the last order; null where there is none.")


def _cursor(order: Mapping[str, Any]) -> str:
    return cursor(order["placed_at"], order["_id"])


@strawberry.type(description="An order, and where it stands in the list.")
class OrderEdge:
    cursor: str = strawberry.field(description="Where it stands in the list: what `after` takes.")
    node: Order = strawberry.field(description="The order.")

    KEPT: ClassVar[Readings] = {"cursor": worked(_cursor), "node": Reading("{v}", of=Order)}


@strawberry.type(description="A page of orders.")
class OrderConnection:
    edges: list[OrderEdge] = strawberry.field(description="The orders, newest first.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends.")
    as_of: datetime | None = strawberry.field(
        description="When MyPage last took something in about these orders; null where there are none."
    )
    stale: bool = strawberry.field(
        description="Whether the page may lack something that the consistency token stands for, or show it "
        "older: MyPage is behind. False where no token was given."
    )
    resume_from: str = strawberry.field(
        description="Pass it to myOrderUpdates as `after`: what changed since this page was read comes, and "
        "nothing is missed in between."
    )

    KEPT: ClassVar[Readings] = {
        "edges": many("edges", OrderEdge),
        "page_info": key("page_info"),
        "as_of": key("as_of"),
        "stale": key("stale"),
        "resume_from": key("resume_from"),
    }


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
        first: Annotated[int | None, strawberry.argument(description="How many, at most 50.")] = 20,
        after: Annotated[
            str | None, strawberry.argument(description="The cursor of an order: those that follow it.")
        ] = strawberry.UNSET,
        filter: Annotated[  # noqa: A002 # the API's name
            OrderFilter | None, strawberry.argument(description="Which of my orders.")
        ] = strawberry.UNSET,
        consistency_token: ConsistencyToken = strawberry.UNSET,
    ) -> OrderConnection:
        context = info.context
        status = (filter.status if filter else None) or None
        wanted, further = _wanted(first), after or None

        async def read() -> Page:
            try:
                return await context.services.mypage.newest(context.customer, wanted, further, _views(status))
            except BadCursorError as error:
                raise bad_input("after is not a cursor of this list.") from error

        tokens = taken(context, consistency_token or None)
        before = await context.services.mypage.now() if selects(info, "resumeFrom") else None
        page, behind = await _read(context, read, tokens)
        return cast("OrderConnection", connection(page, behind, before, further=bool(further)))


async def _read(context: Context, read: Read, tokens: list[Token]) -> tuple[Page, frozenset[str]]:
    """A page, and of which orders MyPage does not show yet what the tokens say.

    Any order of the tokens' that is not on the page could belong there, or no longer: so it is waited for,
    and the page is read after that.
    """
    page = await read()
    if not tokens:
        return page, frozenset()
    if all_shown(tokens, page.orders):
        context.services.consistency.shown()
        return page, frozenset()
    behind = await context.services.consistency.behind(context.customer, tokens)
    page = await read()
    late = [token for token in tokens if token.order_id in behind]
    return page, frozenset(token.order_id for token in late if not all_shown([token], page.orders))


def _wanted(first: int | None) -> int:
    """How many orders a page is to have. Raises a CodedError."""
    wanted = 20 if first is None else first
    if wanted < 0:
        raise bad_input("first cannot be negative.")
    if wanted > MAX_PAGE:
        raise CodedError(Code.PAGE_TOO_LARGE, f"A page has at most {MAX_PAGE} orders.")
    return wanted


def _views(status: list[OrderStatus] | None) -> list[views.OrderStatus] | None:
    return None if status is None else [views.OrderStatus[each.name] for each in status]


def connection(
    page: Page, behind: frozenset[str], before: datetime | None, *, further: bool
) -> Kept[OrderConnection]:
    """A page as it is kept; `before` is when it was read, where that is asked for."""
    orders = [{**each, "stale": True} if each["_id"] in behind else each for each in page.documents]
    page_info = PageInfo(
        has_next_page=page.more,
        has_previous_page=further,
        start_cursor=_cursor(orders[0]) if orders else None,
        end_cursor=_cursor(orders[-1]) if orders else None,
    )
    kept = {
        "edges": orders,
        "page_info": page_info,
        "as_of": max(map(kept_since, orders), default=None),
        "stale": bool(behind),
        "resume_from": Position.of(before, page.orders).text() if before else "",
    }
    return Kept(OrderConnection, kept)
