"""Assembles the schema: one class per operation."""

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

from bff.graph.cancel_order import CancelOrderMutation
from bff.graph.compiled import compiling
from bff.graph.fruits import FruitsQuery
from bff.graph.my_order_updates import MyOrderUpdatesSubscription
from bff.graph.my_orders import MyOrdersQuery
from bff.graph.order import OrderQuery
from bff.graph.order_status import OrderStatusSubscription
from bff.graph.place_order import PlaceOrderMutation


@strawberry.type(description="What can be asked. Orders are always my own.")
class Query(FruitsQuery, OrderQuery, MyOrdersQuery):
    """All queries."""


@strawberry.type(description="What can be done. Expected refusals are members of the answers' unions.")
class Mutation(PlaceOrderMutation, CancelOrderMutation):
    """All mutations."""


@strawberry.type(description="What can be watched. Each can be resumed where it broke off.")
class Subscription(OrderStatusSubscription, MyOrderUpdatesSubscription):
    """All subscriptions."""


class Prepared(SchemaExtension):
    """Takes the document that the gate has parsed and validated: it is not done twice."""

    def on_parse(self) -> Iterator[None]:
        """Take it."""
        self.execution_context.graphql_document = self.execution_context.context.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Nothing is against it."""
        self.execution_context.pre_execution_errors = []
        yield


class Schema(strawberry.Schema):
    """Strawberry's schema, silent: what went wrong is logged once, where it is given its code."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing."""


def schema() -> Schema:
    """The executable schema."""
    extensions: list[Any] = [Prepared]
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=extensions,
        execution_context_class=compiling(),
    )
