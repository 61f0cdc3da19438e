"""The executor alone: the whole document over objects that are there, in this process."""

import statistics
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import strawberry
from graphql import parse
from strawberry.extensions import ParserCache, ValidationCache

from bff.caller import Caller
from bff.graph import root
from bff.graph.compiled import compiling
from bff.graph.context import Context, Services
from bff.graph.my_orders import OrderConnection, OrderEdge, PageInfo
from bff.graph.types import Order
from schema.projection import project
from tests import facts
from tests.bench.side_by_side.documents import WHOLE

Once = Callable[[], Awaitable[Any]]


def connection() -> OrderConnection:
    """A page of 20 orders that are on their way."""
    stories = (
        (facts.placed(str(number)), facts.approved(str(number)), facts.started(str(number)))
        for number in range(20)
    )
    views = [view for story in stories if (view := project(story))]
    edges = [OrderEdge(cursor=view.id, node=Order.of(view)) for view in views]
    info = PageInfo(has_next_page=True, has_previous_page=False, start_cursor="0", end_cursor="19")
    return OrderConnection(edges=edges, page_info=info, as_of=None, stale=False, resume_from="")


def both() -> tuple[Once, Once]:
    """Stock Strawberry with both caches, and the gateway's schema: how each executes the document once."""
    there = connection()
    services = cast("Services", SimpleNamespace())
    caller = Caller("somebody", 9e9)

    @strawberry.type
    class Query:
        @strawberry.field
        async def my_orders(self, info: strawberry.Info, first: int = 20) -> OrderConnection:  # noqa: ARG002 # as many as there are
            return there

    def context() -> Context:
        return Context(services=services, language="KO", caller=caller, correlation_id="")

    stock = strawberry.Schema(query=Query, extensions=[ParserCache, ValidationCache])
    ours = root.Schema(query=Query, execution_context_class=compiling())
    document = parse(WHOLE)
    return (
        lambda: stock.execute(WHOLE, context_value=context()),
        lambda: ours.run(document, context()),
    )


async def measured(rounds: int, times: int) -> tuple[float, float]:
    """Microseconds of CPU for one execution by each, medians of rounds in turns."""
    stock, ours = both()
    first, second = (await stock()), (await ours())
    assert first.errors is second.errors is None
    assert first.data == second.data
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for once, each in zip((stock, ours), taken, strict=True):
            began = time.process_time()
            for _ in range(times):
                await once()
            each.append((time.process_time() - began) / times * 1e6)
    return statistics.median(taken[0]), statistics.median(taken[1])
