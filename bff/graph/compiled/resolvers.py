"""Fields below a root field: those that are read off the value, and those that are worked out from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import strawberry
from graphql import FieldNode, GraphQLField, GraphQLObjectType, Undefined
from graphql.execution import Executor
from graphql.execution.values import get_argument_values
from graphql.language import Visitor, visit
from strawberry.schema.schema_converter import get_arguments
from strawberry.types.field import StrawberryField

from bff.graph.compiled.declined import DeclinedError
from bff.graph.compiled.leaves import DEFINITION
from bff.graph.compiled.placeless import Placeless

CONSTANT: Final = (str, int, float, bool, type(None), Enum, type(strawberry.UNSET), type(Undefined))
"""What many calls may be given at once: a resolver cannot change it."""

SOURCE: Final = object()
"""Stands for the value that a resolver belongs to."""


@dataclass(frozen=True)
class Worked:
    """A field with a plain resolver of its own. Its arguments are the same for all values of a selection."""

    field: GraphQLField
    nodes: tuple[FieldNode, ...]
    parent_type: GraphQLObjectType
    resolver: Callable[..., Any]
    has_self: bool
    info_name: str | None
    constant: Mapping[str, Any] | None
    """Its arguments, where they do not depend on variables."""

    @classmethod
    def of(
        cls,
        executor: Executor[Any],
        field: GraphQLField,
        nodes: tuple[FieldNode, ...],
        parent_type: GraphQLObjectType,
    ) -> "Worked":
        """The field of that resolver. Raises DeclinedError for resolvers that are not plain."""
        definition = definition_of(field)
        resolver = definition.base_resolver
        if resolver is None or definition.extensions or definition.is_async or definition.is_subscription:
            raise DeclinedError
        call = resolver.wrapped_func
        if resolver.parent_parameter or resolver.root_parameter or not callable(call):
            raise DeclinedError
        info = resolver.info_parameter
        worked = cls(
            field=field,
            nodes=nodes,
            parent_type=parent_type,
            resolver=call,
            has_self=bool(resolver.self_parameter),
            info_name=info.name if info else None,
            constant=None,
        )
        if depends_on_variables(nodes[0]):
            return worked
        constant, _ = worked._given(executor)
        return cls(**{**worked.__dict__, "constant": constant})

    def bound(self, executor: Executor[Any]) -> tuple[Mapping[str, Any], Placeless | None]:
        """Keyword arguments for one execution, and what the resolver is told where it asks for that.

        Raises DeclinedError, or whatever is wrong with the arguments.
        """
        if self.constant is not None and self.info_name is None:
            return self.constant, None
        return self._given(executor)

    def _given(self, executor: Executor[Any]) -> tuple[Mapping[str, Any], Placeless]:
        place = Placeless(executor, self.field, self.nodes, self.parent_type)
        schema = executor.schema._strawberry_schema  # type: ignore[attr-defined] # noqa: SLF001 # Strawberry's mark
        definition = definition_of(self.field)
        info = schema.config.info_class(_raw_info=place, _field=definition)
        if self.constant is not None and self.info_name is not None:
            return {**self.constant, self.info_name: info}, place
        return self._converted(executor, schema, definition, info), place

    def _converted(
        self, executor: Executor[Any], schema: Any, definition: StrawberryField, info: Any
    ) -> Mapping[str, Any]:
        raw = get_argument_values(
            self.field, self.nodes[0], executor.variable_values, None, executor.hide_suggestions
        )
        _, given = get_arguments(
            field=definition,
            source=None,
            info=info,
            kwargs=raw,
            config=schema.config,
            scalar_registry=schema.schema_converter.scalar_registry,
        )
        if not all(isinstance(value, CONSTANT) for name, value in given.items() if name != self.info_name):
            raise DeclinedError
        return given


def definition_of(field: GraphQLField) -> StrawberryField:
    """Strawberry's definition of a field. Raises DeclinedError where there is none."""
    definition = (field.extensions or {}).get(DEFINITION)
    if not isinstance(definition, StrawberryField):
        raise DeclinedError
    return definition


def is_read_off(field: GraphQLField) -> bool:
    """Whether its value is an attribute of the object. Raises DeclinedError."""
    return definition_of(field).is_basic_field and getattr(field.resolve, "_is_default", False)


def depends_on_variables(node: FieldNode) -> bool:
    """Whether its arguments do."""
    found = False

    class Finder(Visitor):
        def enter_variable(self, *_: Any) -> None:
            nonlocal found
            found = True

    for argument in node.arguments or ():
        visit(argument, Finder())
    return found
