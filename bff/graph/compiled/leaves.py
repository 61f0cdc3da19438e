"""Leaves: how values of scalars and enums are completed in generated code."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from inspect import isawaitable
from typing import Any, Final, NamedTuple

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)
from strawberry.schema.types.base_scalars import DateTimeDefinition
from strawberry.types.enum import StrawberryEnumDefinition

from bff.graph.compiled.declined import DeclinedError

DEFINITION: Final = "strawberry-definition"
"""Where Strawberry keeps its definition of a type or field, among graphql-core's extensions."""


class Exactly:
    """How a scalar completes values of one class: as they are, for a writer of JSON that knows them."""

    def __init__(self, kind: type) -> None:
        self.kind = kind

    def __call__(self, value: object) -> object:
        """The value. Raises TypeError for anything else."""
        if type(value) is not self.kind:
            raise TypeError(f"{type(value).__name__} is no {self.kind.__name__}")
        return value


class Leaf(NamedTuple):
    """An expression that completes the value `{v}`, and what it needs by name; `{slow}` is `carefully`."""

    code: str
    needs: dict[str, Any]


PLAIN: Final[dict[GraphQLScalarType, str]] = {
    GraphQLString: "{v} if type({v}) is str else {slow}({v})",
    GraphQLID: "{v} if type({v}) is str else {slow}({v})",
    GraphQLBoolean: "{v} if {v} is True or {v} is False else {slow}({v})",
    GraphQLInt: "{v} if type({v}) is int and -2147483648 <= {v} <= 2147483647 else {slow}({v})",
    GraphQLFloat: "{v} if type({v}) is float and {v} - {v} == 0 else {slow}({v})",
}
"""What graphql-core sends as it is."""

MOMENT: Final = "{v}.isoformat() if type({v}) is {datetime} else {slow}({v})"
EXACTLY: Final = "{v} if type({v}) is {kind} else {slow}({v})"
MEMBER: Final = "{names}.get(id({v})) or {slow}({v})"


def leaf(type_: GraphQLLeafType) -> Leaf:
    """How values of this type are completed."""
    if isinstance(type_, GraphQLEnumType):
        return Leaf(MEMBER, {"names": names_of(type_)})
    if type_ in PLAIN:
        return Leaf(PLAIN[type_], {})
    if (type_.extensions or {}).get(DEFINITION) is DateTimeDefinition:
        return Leaf(MOMENT, {"datetime": datetime})
    if isinstance(type_.coerce_output_value, Exactly):
        return Leaf(EXACTLY, {"kind": type_.coerce_output_value.kind})
    return Leaf("{slow}({v})", {})


def carefully(type_: GraphQLLeafType) -> Callable[[Any], Any]:
    """As graphql-core completes a leaf, but for errors: they are declined."""
    coerce = type_.coerce_output_value

    def coerced(value: Any) -> Any:
        if isawaitable(value) or isinstance(value, Exception) or value is None or value is Undefined:
            raise DeclinedError
        said = coerce(value)
        if said is None or said is Undefined:
            raise DeclinedError
        return said

    return coerced


def names_of(type_: GraphQLEnumType) -> dict[int, str]:
    """Each member's name in the API, by the member's identity: members live as long as their class."""
    definition = (type_.extensions or {}).get(DEFINITION)
    members: Iterable[Any] = (
        definition.wrapped_cls if isinstance(definition, StrawberryEnumDefinition) else ()
    )
    names: dict[int, str] = {}
    for member in members:
        with suppress(Exception):  # one that the API does not have: an error where it is met
            names[id(member)] = type_.coerce_output_value(member)
    return names
