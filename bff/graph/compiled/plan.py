"""Plans: the generated function for what is selected below one root field."""

import keyword
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final

from graphql import (
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLOutputType,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.union import StrawberryUnion

from bff.graph.compiled.declined import DeclinedError
from bff.graph.compiled.kept import Choice, Reading, readings
from bff.graph.compiled.leaves import DEFINITION, carefully, leaf, names_of
from bff.graph.compiled.resolvers import Worked, definition_of, is_read_off

Complete = Callable[[Any, Sequence[Any]], Any]
"""Completes a value, given the arguments of all resolvers below the root field."""

INDENT: Final = "    "
TYPENAME: Final = "__typename"


@dataclass(frozen=True)
class Plan:
    """Completes values of one root field."""

    function: Complete
    worked: tuple[Worked, ...]

    def complete(self, executor: Executor[Any], value: Any) -> Any:
        """The value as it is sent. Raises DeclinedError, or whatever went wrong on the way."""
        bound = [each.bound(executor) for each in self.worked]
        completed = self.function(value, [arguments for arguments, _ in bound])
        if any(place is not None and place.has_declined for _, place in bound):
            raise DeclinedError
        return completed


def plan(
    executor: Executor[Any], type_: GraphQLOutputType, details: FieldDetailsList, kept: type | None = None
) -> Plan:
    """The plan for a root field of this type, as it is selected in an operation. Raises DeclinedError.

    Its values are objects; or mappings, where a type is given as which they are kept.
    """
    writer = _Writer(executor)
    name = writer.function(type_, details, kept)
    return Plan(writer.written(name), tuple(writer.worked))


class _Writer:
    """Writes functions of two parameters: `value`, and `bound`, the arguments of resolvers."""

    def __init__(self, executor: Executor[Any]) -> None:
        self._executor = executor
        self._sources: list[str] = []
        self._numbers = count()
        self._constants: dict[str, Any] = {"Declined": DeclinedError, "CAST": TYPE_CAST_ATTRIBUTE}
        self._kinds: list[tuple[dict[type, Complete], dict[type, str]]] = []
        self.worked: list[Worked] = []

    def written(self, name: str) -> Complete:
        """That function."""
        functions = self._constants
        exec("\n".join(self._sources), functions)  # noqa: S102 # no text in it is a client's but response names
        for kinds, names in self._kinds:
            kinds.update({kind: functions[function] for kind, function in names.items()})
        function: Complete = functions[name]
        return function

    def function(self, type_: GraphQLOutputType, details: FieldDetailsList, kept: type | None = None) -> str:
        """The name of a function that completes values of this type, or what is kept of them."""
        if is_non_null_type(type_):
            inner = type_.of_type
            if is_abstract_type(inner) and kept is None:
                return self._abstract(inner, details)
            if is_object_type(inner):
                return self._object(inner, details, kept)
        return self._defined([*self._completing(type_, details, "value", kept), "return value"])

    def _completing(
        self, type_: GraphQLOutputType, details: FieldDetailsList, value: str, kept: type | None = None
    ) -> list[str]:
        """Lines that complete what a variable holds; null is what no line below expects of it."""
        if is_non_null_type(type_):
            return self._completing_some(type_.of_type, details, value, kept)
        return [f"if {value} is not None:", *_indented(self._completing_some(type_, details, value, kept))]

    def _completing_some(
        self, type_: GraphQLOutputType, details: FieldDetailsList, value: str, kept: type | None
    ) -> list[str]:
        if is_leaf_type(type_):
            return [f"{value} = {self._leaf(type_, value)}"]
        if is_list_type(type_):
            each = self.function(type_.of_type, details, kept)
            return [
                f"if type({value}) is not list: raise Declined",
                f"{value} = [{each}(each, bound) for each in {value}]",
            ]
        if is_abstract_type(type_) and kept is None:
            return [f"{value} = {self._abstract(type_, details)}({value}, bound)"]
        if is_object_type(type_):
            return [f"{value} = {self._object(type_, details, kept)}({value}, bound)"]
        raise DeclinedError

    def _leaf(self, type_: GraphQLLeafType, value: str) -> str:
        quick = leaf(type_)
        names = {name: self._constant(what) for name, what in quick.needs.items()}
        return quick.code.format(v=value, slow=self._slowly(type_), **names)

    def _object(self, type_: GraphQLObjectType, details: FieldDetailsList, kept: type | None = None) -> str:
        """A function for objects of this type, of its own class and no other; or for what is kept of them."""
        kind = _class_of(type_)
        if kept not in (None, kind):
            raise DeclinedError
        lines = [f"if type(value) is not {'dict' if kept else self._constant(kind)}: raise Declined"]
        if type_.is_type_of is not None and not kept:
            lines.append("if hasattr(value, CAST): raise Declined")
        fields, _, _ = self._executor.collect_subfields(type_, details)
        for number, selected in enumerate(fields.values()):
            lines += self._field(type_, selected, f"v{number}", kept)
        answers = (f"{name!r}: v{number}" for number, name in enumerate(fields))
        return self._defined([*lines, f"return {{{', '.join(answers)}}}"])

    def _field(
        self, parent: GraphQLObjectType, details: FieldDetailsList, value: str, kept: type | None
    ) -> list[str]:
        nodes = tuple(each.node for each in details)
        name = nodes[0].name.value
        if name == TYPENAME:
            return [f"{value} = {parent.name!r}"]
        field = self._executor.schema.get_field(parent, name)
        if field is None or details[0].fragment_variable_values is not None:
            raise DeclinedError
        if kept is not None:
            return self._kept_field(parent, field, details, value, kept)
        read = self._reading(field) if is_read_off(field) else self._working_out(parent, field, nodes)
        return [f"{value} = {read}", *self._completing(field.type, details, value)]

    def _kept_field(
        self,
        parent: GraphQLObjectType,
        field: GraphQLField,
        details: FieldDetailsList,
        value: str,
        kept: type,
    ) -> list[str]:
        said = readings(kept).get(definition_of(field).python_name)
        if isinstance(said, Reading) and is_read_off(field):
            read, type_ = said.written("value", self._constant), field.type
            if said.member and is_non_null_type(type_) and is_enum_type(type_.of_type):
                return [
                    f"{value} = {self._named(type_.of_type, said)} or {self._slowly(type_.of_type)}({read})"
                ]
            return [f"{value} = {read}", *self._completing(type_, details, value, said.of)]
        if isinstance(said, Choice) and not is_read_off(field):
            worked = Worked.of(self._executor, field, tuple(each.node for each in details), parent)
            key = self._bound(replace(worked, call=said.by, is_called_once=True))
            read = f"{said.reading.written('value', self._constant)}[{key}]"
            return [f"{value} = {read}", *self._completing(field.type, details, value)]
        raise DeclinedError

    def _named(self, type_: GraphQLEnumType, said: Reading) -> str:
        """The API's name of a member by the one that is kept."""
        names = names_of(type_)
        known = {name: names.get(id(member)) for name, member in said.needs["members"].items()}
        return f"{self._constant(known)}.get(value[{said.member!r}])"

    def _slowly(self, type_: GraphQLLeafType) -> str:
        return self._constant(carefully(type_))

    def _reading(self, field: GraphQLField) -> str:
        definition = definition_of(field)
        name = definition.python_name
        if definition.default_resolver is getattr and name.isidentifier() and not keyword.iskeyword(name):
            return f"value.{name}"
        return f"{self._constant(definition.default_resolver)}(value, {name!r})"

    def _working_out(self, parent: GraphQLObjectType, field: GraphQLField, nodes: Any) -> str:
        worked = Worked.of(self._executor, field, nodes, parent)
        arguments = ["value"] * worked.has_self + self._arguments(worked, self._bound(worked))
        return f"{self._constant(worked.call)}({', '.join(arguments)})"

    def _bound(self, worked: Worked) -> str:
        if worked.is_async:
            raise DeclinedError
        self.worked.append(worked)
        return f"bound[{len(self.worked) - 1}]"

    def _arguments(self, worked: Worked, bound: str) -> list[str]:
        """Each by its name where all are known but `info`: a mapping that is unpacked costs more."""
        if worked.constant is None:
            return [f"**{bound}"]
        named = [f"{name}={self._constant(value)}" for name, value in worked.constant.items()]
        return [*named, *([f"{worked.info_name}={bound}[{worked.info_name!r}]"] if worked.info_name else [])]

    def _abstract(self, type_: GraphQLAbstractType, details: FieldDetailsList) -> str:
        """A function for values of a union or an interface: of the classes of its types, and no others."""
        definition = (type_.extensions or {}).get(DEFINITION)
        if type(definition) is not StrawberryUnion and getattr(definition, "resolve_type", True):
            raise DeclinedError  # it has a way of its own to find out what a value is
        possible = self._executor.schema.get_possible_types(type_)
        names = {_class_of(each): self._object(each, details) for each in possible}
        kinds: dict[type, Complete] = {}
        self._kinds.append((kinds, names))
        return self._defined(
            [
                "if hasattr(value, CAST): raise Declined",
                f"return {self._constant(kinds)}[type(value)](value, bound)",
            ]
        )

    def _constant(self, what: Any) -> str:
        name = f"c{next(self._numbers)}"
        self._constants[name] = what
        return name

    def _defined(self, lines: list[str]) -> str:
        name = f"f{next(self._numbers)}"
        self._sources.append("\n".join([f"def {name}(value, bound):", *_indented(lines)]))
        return name


def _indented(lines: list[str]) -> list[str]:
    return [INDENT + line for line in lines]


def _class_of(type_: GraphQLObjectType) -> type:
    """The one class whose objects are of this type. Raises DeclinedError where that is not so."""
    definition = (type_.extensions or {}).get(DEFINITION)
    if not isinstance(definition, StrawberryObjectDefinition):
        raise DeclinedError
    is_one_of_many = definition.concrete_of is not None or definition.is_graphql_generic
    if is_one_of_many or definition.is_type_of is not None or definition.name != type_.name:
        raise DeclinedError
    origin: type = definition.origin
    if get_object_definition(origin) is not definition:
        raise DeclinedError
    return origin
