"""The gate: what comes over any transport is admitted here or nowhere, and executed in one way."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode, OperationType
from strawberry.types import ExecutionResult

from bff.edge.asked import Asked, Json
from bff.edge.client import Client
from bff.edge.documents import Document, Documents, RefusedError
from bff.graph.context import Context, Services
from bff.graph.errors import CodedError, bad_request, of_variables, presentable
from bff.graph.root import Schema
from services.chassis import correlation, spans

ALL_TYPES = frozenset(OperationType)


@dataclass(frozen=True)
class Answer:
    """One result: `data` and `errors` as they are sent. Without `data` nothing was executed."""

    body: Json
    resume: str | None = None
    """Where a stream could be resumed after this."""

    @property
    def executed(self) -> bool:
        """Whether it was executed, well or not."""
        return "data" in self.body


@dataclass(frozen=True)
class Operation:
    """What has been admitted."""

    asked: Asked
    document: Document
    definition: OperationDefinitionNode
    context: Context = field(compare=False)

    @property
    def type(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.definition.operation


class Gate:
    """Between the transports and the schema."""

    def __init__(self, schema: Schema, services: Services) -> None:
        self._schema = schema
        self._services = services
        self._documents = Documents(schema._schema)  # noqa: SLF001 # Strawberry has no other way to it

    def context(self, client: Client) -> Context:
        """What is known about one operation of a client's before it is read."""
        return Context(
            services=self._services,
            language=client.language,
            caller=client.caller,
            correlation_id=correlation.of_operation(),
            last_event_id=client.last_event_id,
            consistency_tokens=client.consistency_tokens,
        )

    def admit(
        self, asked: Asked, context: Context, allowed: frozenset[OperationType] = ALL_TYPES
    ) -> Operation:
        """Find the document and the operation that is meant. Raises RefusedError."""
        try:
            if not asked.query:
                raise bad_request("There is no query.")
            document = self._documents.read(asked.query)
            definition = document.operation(asked.operation_name)
            if definition.operation not in allowed:
                raise bad_request(f"A {definition.operation.value} cannot be sent this way.")
        except CodedError as error:
            raise RefusedError(error) from None
        context.document = document.parsed
        spans.operates(definition.operation.value)
        return Operation(asked, document, definition, context)

    async def answer(self, operation: Operation) -> Answer:
        """Execute a query or a mutation."""
        asked, context = operation.asked, operation.context
        result = await self._schema.execute(
            operation.document.text,
            variable_values=asked.variables,
            context_value=context,
            operation_name=asked.operation_name,
        )
        return self._answer(context, result.data, result.errors)

    async def stream(self, operation: Operation) -> AsyncGenerator[Answer, None]:
        """Execute a subscription."""
        asked, context = operation.asked, operation.context
        results = await self._schema.stream(
            operation.document.text,
            variable_values=asked.variables,
            context_value=context,
            operation_name=asked.operation_name,
        )
        async with aclosing(results):
            async for result in results:
                assert isinstance(result, ExecutionResult)  # noqa: S101 # nothing is deferred here
                yield self._answer(context, result.data, result.errors)

    def refusal(self, context: Context, errors: Iterable[GraphQLError]) -> Answer:
        """What to say where nothing is executed."""
        return Answer({"errors": [self._presentable(error, context) for error in errors]})

    def _answer(self, context: Context, data: Any, errors: Iterable[GraphQLError] | None) -> Answer:
        if errors and data is None and all(error.path is None for error in errors):
            return self.refusal(context, [of_variables(error) for error in errors])
        body: Json = {"data": data}
        if errors:
            body["errors"] = [self._presentable(error, context) for error in errors]
        if context.extensions:
            body["extensions"] = dict(context.extensions)
        return Answer(body, resume=context.resume)

    def _presentable(self, error: GraphQLError, context: Context) -> Any:
        return presentable(error, context.language, context.correlation_id)
