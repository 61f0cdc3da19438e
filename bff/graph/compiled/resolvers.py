"""Resolvers: fields that are read off a value, and those that are worked out, called without ado."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
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
"""What many calls may be given: a resolver cannot change it."""


@dataclass(frozen=True)
class Worked:
    """A field with a resolver of its own, and with nothing around that: no extension, no permission."""

    field: GraphQLField
    nodes: tuple[FieldNode, ...]
    parent_type: GraphQLObjectType
    call: Callable[..., Any]
    is_async: bool
    has_self: bool
    info_name: str | None
    constant: Mapping[str, Any] | None = None
    """Its arguments, where they are always the same."""
    is_called_once: bool = False
    """Whether it is called once for all values, which are no arguments of it."""

    @classmethod
    def of(
        cls,
        executor: Executor[Any],
        field: GraphQLField,
        nodes: tuple[FieldNode, ...],
        parent_type: GraphQLObjectType,
    ) -> "Worked":
        """The field of that resolver. Raises DeclinedError where there is more to it."""
        definition = definition_of(field)
        resolver = definition.base_resolver
        if resolver is None or definition.extensions or definition.is_subscription:
            raise DeclinedError
        call = resolver.wrapped_func
        if resolver.parent_parameter or resolver.root_parameter or not callable(call):
            raise DeclinedError
        if executor.schema._strawberry_schema.schema_converter.exception_handlers:  # type: ignore[attr-defined] # noqa: SLF001
            raise DeclinedError
        info = resolver.info_parameter
        worked = cls(
            field=field,
            nodes=nodes,
            parent_type=parent_type,
            call=call,
            is_async=definition.is_async,
            has_self=bool(resolver.self_parameter),
            info_name=info.name if info else None,
        )
        return worked if depends_on_variables(nodes[0]) else worked._with_constant(executor)

    def bound(self, executor: Executor[Any]) -> tuple[Any, Placeless | None]:
        """Its arguments for many values in one execution, and what it is told where it asks for that.

        If it is called once, what it gives. Raises DeclinedError where a resolver could change them, or
        whatever is wrong with them.
        """
        given, place = self._given(executor)
        return self.call(**given) if self.is_called_once else given, place

    def _given(self, executor: Executor[Any]) -> tuple[Mapping[str, Any], Placeless | None]:
        if self.constant is not None and self.info_name is None:
            return self.constant, None
        place = Placeless(executor, self.field, self.nodes, self.parent_type)
        given = self.arguments(executor, place)
        if not self._are_constant(given):
            raise DeclinedError
        return given, place

    def arguments(self, executor: Executor[Any], raw_info: Any) -> Mapping[str, Any]:
        """Its arguments, `info` among them. Raises what is wrong with them."""
        schema = executor.schema._strawberry_schema  # type: ignore[attr-defined] # noqa: SLF001 # Strawberry's mark
        definition = definition_of(self.field)
        info = schema.config.info_class(_raw_info=raw_info, _field=definition)
        if self.constant is not None:
            return self.constant if self.info_name is None else {**self.constant, self.info_name: info}
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
        return given

    def _with_constant(self, executor: Executor[Any]) -> "Worked":
        given = dict(self.arguments(executor, None))
        if not self._are_constant(given):
            return self
        if self.info_name is not None:
            del given[self.info_name]
        return replace(self, constant=given)

    def _are_constant(self, given: Mapping[str, Any]) -> bool:
        return all(isinstance(value, CONSTANT) for name, value in given.items() if name != self.info_name)


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
