"""The gate: what comes over any transport is admitted here or nowhere, and executed in one way."""

import re
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from time import perf_counter
from typing import Any, Final

from graphql import GraphQLError, OperationType

from bff.edge.answer import Answer
from bff.edge.asked import Asked, Json
from bff.edge.client import Client
from bff.edge.documents import ERRORS_AT_MOST
from bff.edge.guard import ALL_TYPES, Guard, Operation
from bff.edge.rates import Rates
from bff.edge.subscription import Subscription
from bff.graph.context import Context, Services
from bff.graph.errors import of_variables, presentable
from bff.graph.root import Schema
from services.chassis import correlation, spans

__all__ = ["Answer", "Gate", "Operation"]

MESSAGE_AT_MOST: Final = 300
SUGGESTION: Final = re.compile(r" Did you mean .*\?$", re.DOTALL)


class Gate:
    """Between the transports and the schema."""

    def __init__(self, schema: Schema, services: Services, guard: Guard) -> None:
        self._schema = schema
        self._services = services
        self._guard = guard

    @property
    def rates(self) -> Rates:
        """How often who may come: what is no operation asks here."""
        return self._guard.rates

    def context(self, client: Client) -> Context:
        """What is known about one operation of a client's before it is read."""
        return Context(
            services=self._services,
            language=client.language,
            caller=client.caller,
            correlation_id=correlation.of_operation(),
            last_event_id=client.last_event_id,
            consistency_tokens=client.consistency_tokens,
            idempotency_key=client.idempotency_key,
            address=client.address,
            wants_price=client.wants_price,
        )

    def admit(
        self, asked: Asked, context: Context, allowed: frozenset[OperationType] = ALL_TYPES
    ) -> Operation:
        """Find the document and the operation that is meant. Raises RefusedError."""
        operation = self._guard.admit(asked, context, allowed)
        spans.operates(operation.type.value)
        return operation

    async def answer(self, operation: Operation) -> Answer:
        """Execute a query or a mutation."""
        asked, context = operation.asked, operation.context
        begun = perf_counter()
        result = await self._schema.run(
            operation.document.parsed, context, asked.variables, asked.operation_name
        )
        answer = self._answer(context, result.data, result.errors)
        self._guard.metrics.took(operation.type, perf_counter() - begun)
        self._ended(operation, answer.body.get("errors", ()))
        return answer

    async def subscription(self, operation: Operation) -> Subscription:
        """Begin a subscription."""
        asked, context = operation.asked, operation.context
        begun: float | None = perf_counter()

        def speak(data: Any, errors: Iterable[GraphQLError] | None) -> Answer:
            nonlocal begun
            answer = self._answer(context, data, errors)
            if begun is not None:
                self._guard.metrics.took(operation.type, perf_counter() - begun)
                begun = None
            return answer

        watched = await self._schema.watch(
            operation.document.parsed, context, asked.variables, asked.operation_name
        )
        return Subscription(context, watched, speak, partial(self._ended, operation))

    def refusal(self, context: Context, errors: Iterable[GraphQLError]) -> Answer:
        """What to say where nothing is executed."""
        said = [self._presentable(error, context) for error in islice(errors, ERRORS_AT_MOST)]
        if said:  # a stream whose client has hung up ends without
            self._guard.metrics.refused(said[0]["extensions"]["code"])
        return Answer({"errors": said})

    def _answer(self, context: Context, data: Any, errors: Iterable[GraphQLError] | None) -> Answer:
        if errors and data is None and all(error.path is None for error in errors):
            return self.refusal(context, [of_variables(error) for error in errors])
        body: Json = {"data": data}
        if errors:
            body["errors"] = [self._presentable(error, context) for error in errors]
            self._guard.metrics.pages_refused(body["errors"])
        if context.extensions:
            body["extensions"] = dict(context.extensions)
        return Answer(body, resume=context.resume)

    def _ended(self, operation: Operation, errors: Sequence[Any]) -> None:
        self._guard.metrics.executed(operation.type, operation.outcomes(errors))

    def _presentable(self, error: GraphQLError, context: Context) -> Any:
        return bounded(
            presentable(error, context.language, context.correlation_id),
            suggestions=self._guard.suggestions,
        )


def bounded(error: Any, *, suggestions: bool) -> Any:
    """An error as it is sent: no client's text at length, and no name of the schema unless it is to."""
    message = error["message"] if suggestions else SUGGESTION.sub("", error["message"])
    error["message"] = message if len(message) <= MESSAGE_AT_MOST else message[: MESSAGE_AT_MOST - 1] + "…"
    return error
