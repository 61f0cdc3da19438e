"""Assembles the schema: one class per operation."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from bff.graph.cancel_order import CancelOrderMutation
from bff.graph.errors import Errors
from bff.graph.fruits import FruitsQuery
from bff.graph.my_order_updates import MyOrderUpdatesSubscription
from bff.graph.my_orders import MyOrdersQuery
from bff.graph.order import OrderQuery
from bff.graph.order_status import OrderStatusSubscription
from bff.graph.place_order import PlaceOrderMutation

DOCUMENTS_CACHED = 1000

Query = merge_types("Query", (FruitsQuery, OrderQuery, MyOrdersQuery))
Mutation = merge_types("Mutation", (PlaceOrderMutation, CancelOrderMutation))
Subscription = merge_types("Subscription", (OrderStatusSubscription, MyOrderUpdatesSubscription))


class DocumentCache(ParserCache):
    """Leaves a document that is none to the schema, which makes an error of it like any other."""

    def on_parse(self) -> Iterator[None]:
        """Find the document, or parse it."""
        with suppress(GraphQLSyntaxError):
            yield from super().on_parse()
            return
        yield


class Schema(strawberry.Schema):
    """Strawberry's schema, silent: what went wrong is logged once, where it is given its code."""

    async def execute(self, *args: Any, **options: Any) -> ExecutionResult:
        """Answer once. A subscription needs a stream."""
        allowed = set(options.get("allowed_operation_types") or OperationType)
        options["allowed_operation_types"] = allowed - {OperationType.SUBSCRIPTION}
        return await super().execute(*args, **options)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing."""


def schema() -> Schema:
    """The executable schema."""
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=[
            lambda: DocumentCache(maxsize=DOCUMENTS_CACHED),
            lambda: ValidationCache(maxsize=DOCUMENTS_CACHED),
            Errors,
        ],
    )
