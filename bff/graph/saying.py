"""What subscriptions say of a view: worked out once for all that select the same, however many watch."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import orjson
from graphql import GraphQLError
from graphql.execution import ExecutionResult

from bff.edge import json
from bff.graph.compiled import CompilingExecutor
from bff.graph.types import Order
from bff.mailbox import Mailbox
from schema.views import OrderView


class Said:
    """One selection of one operation, in one language. Of the view that came last it is known what is said.

    Whoever watches was found to be the order's customer before: nothing below the root depends on who asks.
    """

    def __init__(self, executor: CompilingExecutor) -> None:
        self._executor = executor
        self._of: OrderView | None = None
        self._data: orjson.Fragment | None = None
        self._errors: list[GraphQLError] | None = None

    def of(self, view: OrderView) -> tuple[orjson.Fragment | None, list[GraphQLError] | None]:
        """The data, written, and the errors."""
        if view is not self._of:
            result = self._executor.event(Order.of(view))
            assert isinstance(result, ExecutionResult)  # noqa: S101 # no resolver of an order's waits
            data = None if result.data is None else orjson.Fragment(json.written(result.data))
            self._of, self._data, self._errors = view, data, result.errors
        return self._data, self._errors


class Saying:
    """What is watched now, by operation, by the variables that count, and by language."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[tuple[int, bytes, str], Said] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._known)

    def by(self, executor: CompilingExecutor, variables: dict[str, Any] | None) -> Said:
        """What all say that select the same."""
        names = executor.variables_below
        given = {name: value for name, value in (variables or {}).items() if name in names}
        key = (id(executor.operation), json.written(given), executor.context_value.language)
        said = self._known.get(key)
        if said is None:
            said = self._known[key] = Said(executor)
        return said


@dataclass(frozen=True, slots=True)
class Watched:
    """A subscription that begins: what its resolver does until it has caught up, and what it says then."""

    steps: AsyncGenerator[Mailbox, None]
    said: Said
