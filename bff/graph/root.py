"""Assembles the schema: one class per operation."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime
from inspect import isawaitable
from typing import Any, cast

import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLError
from graphql.execution.execute import create_source_event_stream
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.base_scalars import DateTimeDefinition

from bff.graph.cancel_order import CancelOrderMutation
from bff.graph.compiled import CompilingExecutor, Exactly, compiling
from bff.graph.context import Context
from bff.graph.fruits import FruitsQuery
from bff.graph.my_order_updates import MyOrderUpdatesSubscription
from bff.graph.my_orders import MyOrdersQuery
from bff.graph.order import OrderQuery
from bff.graph.order_status import OrderStatusSubscription
from bff.graph.place_order import PlaceOrderMutation
from bff.graph.saying import Saying, Watched
from bff.mailbox import Mailbox

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


class Schema(strawberry.Schema):
    """Strawberry's schema, executed as Strawberry does it but for what would go on around it.

    No extension of ours has a part in that: what comes here is parsed and validated, and what goes wrong is
    logged once, where it is given its code.
    """

    execution_context_class: type[CompilingExecutor]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._saying = Saying()

    async def run(
        self,
        document: DocumentNode,
        context: Context,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> ExecutionResult:
        """Execute a query or a mutation."""
        executor = self._executor(document, context, variables, operation_name)
        if isinstance(executor, list):
            return ExecutionResult(None, executor)
        result = executor.execute_operation()
        answer = await result if isawaitable(result) else result
        assert isinstance(answer, ExecutionResult)  # noqa: S101 # nothing is deferred here
        return answer

    async def watch(
        self,
        document: DocumentNode,
        context: Context,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Watched | ExecutionResult:
        """Begin a subscription; the errors where it cannot begin."""
        executor = self._executor(document, context, variables, operation_name)
        if isinstance(executor, list):
            return ExecutionResult(None, executor)
        events = create_source_event_stream(executor)
        events = await events if isawaitable(events) else events
        if isinstance(events, ExecutionResult):
            return events
        return Watched(cast("AsyncGenerator[Mailbox, None]", events), self._saying.by(executor, variables))

    def _executor(
        self,
        document: DocumentNode,
        context: Context,
        variables: dict[str, Any] | None,
        operation_name: str | None,
    ) -> CompilingExecutor | list[GraphQLError]:
        executor = self.execution_context_class.build(
            self._schema,
            document,
            context_value=context,
            raw_variable_values=variables,
            operation_name=operation_name,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type] # it says no more than yes or no
        )
        return cast("CompilingExecutor | list[GraphQLError]", executor)


def schema() -> Schema:
    """The executable schema."""
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        execution_context_class=compiling(),
        config=StrawberryConfig(scalar_map={datetime: MOMENT}),
    )
