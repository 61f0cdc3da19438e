"""The guard: an operation that is too large, too dear or comes too often is not executed."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any, Final, Self

from graphql import GraphQLSchema, OperationDefinitionNode, OperationType
from prometheus_client import CollectorRegistry

from bff.edge.asked import Asked
from bff.edge.cost import Prices
from bff.edge.documents import Document, Documents, RefusedError
from bff.edge.limits import Limits
from bff.edge.metrics import EdgeMetrics
from bff.edge.rates import Rates, Who
from bff.edge.trusted import Trusted
from bff.graph.codes import Code
from bff.graph.context import Context
from bff.graph.errors import CodedError, bad_input, bad_request
from bff.settings import BffSettings

ALL_TYPES: Final = frozenset(OperationType)
INTROSPECTION: Final = frozenset({"__schema", "__type"})


@dataclass(frozen=True)
class Operation:
    """What has been admitted."""

    asked: Asked
    document: Document
    definition: OperationDefinitionNode
    context: Context = attribute(compare=False)
    fields: dict[str, str] = attribute(default_factory=dict)
    """Its root fields: names in the schema, by response name."""

    @property
    def type(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.definition.operation

    def outcomes(self, errors: Sequence[Any]) -> Iterator[tuple[str, str]]:
        """Each root field with what became of it: a code, the type of a command's outcome, or ok."""
        codes = {error["path"][0]: error["extensions"]["code"] for error in errors if error.get("path")}
        rest = errors[0]["extensions"]["code"] if errors and not codes else "ok"
        for name, field in self.fields.items():
            yield field, codes.get(name) or self.context.outcomes.get(name) or rest


@dataclass(frozen=True)
class Guard:
    """Decides by documents, costs and rates."""

    documents: Trusted
    prices: Prices
    rates: Rates
    metrics: EdgeMetrics
    budget: int
    values: int
    introspection: bool
    suggestions: bool

    @classmethod
    def of(
        cls,
        settings: BffSettings,
        schema: GraphQLSchema,
        registry: CollectorRegistry,
        clock: Callable[[], float] = time.monotonic,
    ) -> Self:
        """As the settings say. Raises ManifestError."""
        metrics = EdgeMetrics(registry)
        documents = Documents(schema, Limits.of(settings), suggestions=settings.bff_suggestions)
        mode, paths = settings.bff_trusted_documents_mode, settings.bff_trusted_documents
        return cls(
            documents=Trusted(documents, mode, paths, metrics),
            prices=Prices(schema),
            rates=Rates.of(settings, metrics, clock),
            metrics=metrics,
            budget=settings.bff_cost_budget,
            values=settings.bff_variable_values,
            introspection=settings.bff_introspection,
            suggestions=settings.bff_suggestions,
        )

    def admit(
        self, asked: Asked, context: Context, allowed: frozenset[OperationType] = ALL_TYPES
    ) -> Operation:
        """Find the document and the operation that is meant, and what it costs. Raises RefusedError."""
        who = Who(context.address, context.caller.customer_id if context.caller else None)
        try:
            self.rates.come(who)
            operation = self._operation(asked, context, self._read(asked, who))
            if operation.type not in allowed:
                raise bad_request(f"A {operation.type.value} cannot be sent this way.")
            cost = self._cost(operation)
            self.rates.read(who, cost, list(operation.fields.values()).count("placeOrder"))
        except CodedError as error:
            raise RefusedError(error) from None
        self.metrics.admitted(cost)
        return operation

    def _read(self, asked: Asked, who: Who) -> Document:
        try:
            return self.documents.document(asked)
        except RefusedError:
            if asked.query:
                self.rates.refused(who)
            raise

    def _operation(self, asked: Asked, context: Context, document: Document) -> Operation:
        definition = document.operation(asked.operation_name)
        fields = document.fields(definition)
        if not (self.introspection or document.trusted) and INTROSPECTION & set(fields.values()):
            raise CodedError(Code.INTROSPECTION_DISABLED, "The schema is not told here.")
        if more_than(self.values, asked.variables):
            raise bad_input(f"Variables have at most {self.values} values.")
        return Operation(asked, document, definition, context, fields)

    def _cost(self, operation: Operation) -> int:
        asked, context = operation.asked, operation.context
        cost = self.prices.price(operation.document, operation.definition, asked.variables)
        if cost > self.budget:
            message = f"It costs {cost} of at most {self.budget}: ask for fewer or smaller pages."
            raise CodedError(Code.COST_TOO_HIGH, message, cost=cost, budget=self.budget)
        if context.wants_price or (asked.extensions or {}).get("cost") is True:
            context.extensions["cost"] = {"price": cost, "budget": self.budget}
        return cost


def more_than(most: int, variables: dict[str, Any] | None) -> bool:
    """Whether there are more values than that in variables, however they are nested."""
    left: list[Any] = [variables]
    seen = 0
    while left:
        value = left.pop()
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        seen += len(inside)
        if seen > most:
            return True
        left.extend(inside)
    return False
