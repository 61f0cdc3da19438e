"""Assembles the schema: one class per operation."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLError
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.base_scalars import DateTimeDefinition
from strawberry.types import ExecutionContext

from bff.graph.cancel_order import CancelOrderMutation
from bff.graph.compiled import CompilingExecutor, Exactly, compiling
from bff.graph.context import Context
from bff.graph.fruits import FruitsQuery
from bff.graph.my_order_updates import MyOrderUpdatesSubscription
from bff.graph.my_orders import MyOrdersQuery
from bff.graph.order import OrderQuery
from bff.graph.order_status import OrderStatusSubscription
from bff.graph.place_order import PlaceOrderMutation

MOMENT = replace(DateTimeDefinition, serialize=Exactly(datetime))
"""Written with all the rest, by `json.written`: that costs a fifth of what a text for each costs."""


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

    execution_context_class: type[CompilingExecutor]

    async def run(
        self,
        document: DocumentNode,
        context: Context,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> ExecutionResult:
        """Execute a query or a mutation that is validated.

        As Strawberry does it, without what would go on around it: no extension of ours has a part in it.
        """
        executor = self.execution_context_class.build(
            self._schema,
            document,
            context_value=context,
            raw_variable_values=variables,
            operation_name=operation_name,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type] # it says no more than yes or no
        )
        if isinstance(executor, list):
            return ExecutionResult(None, executor)
        result = executor.execute_operation()
        answer = await result if isawaitable(result) else result
        assert isinstance(answer, ExecutionResult)  # noqa: S101 # nothing is deferred here
        return answer

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
        config=StrawberryConfig(scalar_map={datetime: MOMENT}),
    )
