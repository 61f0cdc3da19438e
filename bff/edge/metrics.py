"""The edge's numbers: operations, what they cost, and what was refused. No label is a client's text."""

from collections.abc import Iterable
from typing import Any, Literal, get_args

from graphql import OperationType
from prometheus_client import CollectorRegistry, Counter, Histogram

from bff.graph.codes import Code

Scope = Literal["customer", "address", "anonymous", "placing", "connections", "sign-ins"]

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10)
COSTS = (100, 250, 500, 1000, 2000, 3000, 5000, 7500, 10_000)


class EdgeMetrics:
    """Counts what comes through the gate."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._operations = Counter(
            "graphql_operations",
            "Root fields executed, by operation type, field and what became of it.",
            ["type", "field", "outcome"],
            registry=registry,
        )
        self._seconds = Histogram(
            "graphql_operation_seconds",
            "From admission to answer; of subscriptions, to the first.",
            ["type"],
            buckets=SECONDS,
            registry=registry,
        )
        self._cost = Histogram(
            "graphql_cost", "What admitted operations cost.", buckets=COSTS, registry=registry
        )
        self._refused = Counter("graphql_refused", "Requests refused, by code.", ["code"], registry=registry)
        self._limited = Counter(
            "graphql_rate_limited", "Refused for coming too often, by scope.", ["scope"], registry=registry
        )
        self._untrusted = Counter("untrusted_documents", "Documents that no manifest has.", registry=registry)

        self._known: dict[Any, Any] = {}
        """Of what comes with each answer, by its labels: to look it up costs as much as to count."""
        for code in Code:
            self._refused.labels(str(code))
        for scope in get_args(Scope):
            self._limited.labels(scope)

    def admitted(self, cost: int) -> None:
        """Count an operation's price."""
        self._cost.observe(cost)

    def took(self, kind: OperationType, seconds: float) -> None:
        """Count how long an answer took."""
        if (child := self._known.get(kind)) is None:
            child = self._known[kind] = self._seconds.labels(kind.value)
        child.observe(seconds)

    def executed(self, kind: OperationType, fields: Iterable[tuple[str, str]]) -> None:
        """Count an operation that has ended: each of its root fields with its outcome."""
        for field in fields:
            key = (kind, *field)
            if (child := self._known.get(key)) is None:
                child = self._known[key] = self._operations.labels(kind.value, *field)
            child.inc()

    def refused(self, code: str) -> None:
        """Count a request that was not executed."""
        self._refused.labels(code).inc()

    def pages_refused(self, errors: Iterable[Any]) -> None:
        """Count the pages among what was executed that were too large."""
        for each in errors:
            if each["extensions"]["code"] == Code.PAGE_TOO_LARGE:
                self.refused(Code.PAGE_TOO_LARGE)

    def limited(self, scope: Scope) -> None:
        """Count a request that came too soon."""
        self._limited.labels(scope).inc()

    def untrusted(self) -> None:
        """Count a document that no manifest has."""
        self._untrusted.inc()
