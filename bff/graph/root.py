"""Assembles the schema: one class per operation."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLSyntaxError, OperationDefinitionNode
from strawberry.extensions import MaxTokensLimiter, ParserCache, SchemaExtension, ValidationCache
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from bff.graph.cancel_order import CancelOrderMutation
from bff.graph.errors import Errors, bad_request
from bff.graph.fruits import FruitsQuery
from bff.graph.my_order_updates import MyOrderUpdatesSubscription
from bff.graph.my_orders import MyOrdersQuery
from bff.graph.order import OrderQuery
from bff.graph.order_status import OrderStatusSubscription
from bff.graph.place_order import PlaceOrderMutation

DOCUMENTS_CACHED = 1000
TOKENS_AT_MOST = 2000

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


class OneOperation(SchemaExtension):
    """Refuses a document of several operations that does not say which is meant."""

    def on_validate(self) -> Iterator[None]:
        """Count them."""
        asked = self.execution_context
        definitions = asked.graphql_document.definitions if asked.graphql_document else ()
        operations = sum(isinstance(each, OperationDefinitionNode) for each in definitions)
        named = asked._provided_operation_name  # noqa: SLF001 # the public name falls back to the first
        if operations > 1 and not named and not asked.pre_execution_errors:
            asked.pre_execution_errors = [bad_request("Say which operation is meant: operationName.")]
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
            lambda: MaxTokensLimiter(max_token_count=TOKENS_AT_MOST),
            lambda: DocumentCache(maxsize=DOCUMENTS_CACHED),
            lambda: ValidationCache(maxsize=DOCUMENTS_CACHED),
            OneOperation,  # after validation, which would forget what it says
            Errors,
        ],
    )
