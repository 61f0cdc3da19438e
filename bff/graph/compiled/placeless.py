"""What a resolver below a root field is told, but for where it is: it is called for many places at once."""

from collections.abc import Sequence
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType
from graphql.execution import Executor

from bff.graph.compiled.declined import DeclinedError


class Placeless:
    """A GraphQLResolveInfo without path and root: who asks for them, or for what is not here, is declined."""

    __slots__ = (
        *("_executor", "context", "field_name", "field_nodes", "has_declined", "parent_type", "return_type"),
    )

    def __init__(
        self,
        executor: Executor[Any],
        field: GraphQLField,
        nodes: Sequence[FieldNode],
        parent_type: GraphQLObjectType,
    ) -> None:
        self._executor = executor
        self.context = executor.context_value
        self.field_name = nodes[0].name.value
        self.field_nodes = list(nodes)
        self.return_type = field.type
        self.parent_type = parent_type
        self.has_declined = False

    @property
    def schema(self) -> Any:
        """The schema that is executed."""
        return self._executor.schema

    @property
    def fragments(self) -> Any:
        """The document's, by name."""
        return self._executor.fragment_definitions

    @property
    def operation(self) -> Any:
        """The operation that is executed."""
        return self._executor.operation

    @property
    def variable_values(self) -> Any:
        """Coerced."""
        return self._executor.variable_values.coerced

    @property
    def operation_extensions(self) -> Any:
        """What came with the operation."""
        return getattr(self._executor, "operation_extensions", None)

    def __getattr__(self, name: str) -> Any:
        self.has_declined = True
        raise DeclinedError(name)
