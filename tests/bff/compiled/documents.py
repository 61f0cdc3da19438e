"""Valid documents of a schema: aliases, fragments, directives, variables, fields that are asked twice."""

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
)
from hypothesis import strategies as st

DEEPEST = 4


@dataclass(frozen=True)
class Asked:
    """A document, and values for its variables."""

    text: str
    variables: dict[str, Any]


@dataclass
class Writing:
    """One document on its way."""

    schema: GraphQLSchema
    draw: Any
    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    aliases: int = 0

    def chance(self, of: int) -> bool:
        """One of so many."""
        return bool(self.draw(st.integers(1, of)) == of)

    def selections(self, type_: GraphQLNamedType, depth: int) -> str:
        """What is selected of a type, in braces."""
        count = self.draw(st.integers(1, 4))
        return "{ " + " ".join(self.selection(type_, depth) for _ in range(count)) + " }"

    def selection(self, type_: GraphQLNamedType, depth: int) -> str:
        """A field, or a fragment."""
        if self.chance(6) and depth < DEEPEST:
            return self.fragment(type_, depth)
        fields = getattr(type_, "fields", {})
        names = [
            name
            for name, each in fields.items()
            if depth < DEEPEST or is_leaf_type(get_named_type(each.type))
        ]
        if not names or self.chance(10):
            return f"__typename{self.directive()}"
        name = self.draw(st.sampled_from(names))
        return self.selected(name, fields[name], depth)

    def selected(self, name: str, what: GraphQLField, depth: int) -> str:
        """A field with all that belongs to it. Only one without arguments can do without an alias."""
        arguments = self.arguments(what)
        inner = get_named_type(what.type)
        below = self.selections(inner, depth + 1) if is_composite_type(inner) else ""
        alias = ""
        if arguments or self.chance(3):
            self.aliases += 1
            alias = f"a{self.aliases}: "
        return f"{alias}{name}{arguments}{self.directive()} {below}"

    def fragment(self, type_: GraphQLNamedType, depth: int) -> str:
        """Inline or named, on this type or on one that it may be."""
        kinds = [type_, *self.schema.get_possible_types(type_)] if is_abstract_type(type_) else [type_]
        on = self.draw(st.sampled_from(kinds))
        inside = self.selections(on, depth + 1)
        if self.chance(2):
            return f"... on {on.name}{self.directive()} {inside}"
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {on.name} {inside}")
        return f"...{name}{self.directive()}"

    def directive(self) -> str:
        """None, mostly."""
        if not self.chance(8):
            return ""
        name = self.draw(st.sampled_from(["skip", "include"]))
        if self.chance(2):
            return f" @{name}(if: {str(self.draw(st.booleans())).lower()})"
        return f" @{name}(if: {self.variable('Boolean!', self.draw(st.booleans()))})"

    def arguments(self, what: GraphQLField) -> str:
        """Some of them, as literals and as variables."""
        given = []
        for name, argument in what.args.items():
            if not is_required_argument(argument) and self.chance(2):
                continue
            literal, value = self.value(get_nullable_type(argument.type))
            given.append(f"{name}: {self.variable(str(argument.type), value) if self.chance(2) else literal}")
        return f"({', '.join(given)})" if given else ""

    def value(self, type_: Any) -> tuple[str, Any]:
        """A literal, and the same as a variable's value."""
        if isinstance(type_, GraphQLInputObjectType):
            word = self.draw(st.sampled_from(["pear", "배"]))
            return f'{{word: "{word}"}}', {"word": word}
        if isinstance(type_, GraphQLEnumType):
            name = self.draw(st.sampled_from(sorted(type_.values)))
            return name, name
        match type_.name:
            case "Int":
                number = self.draw(st.integers(0, 3))
                return str(number), number
            case "Boolean":
                truth = self.draw(st.booleans())
                return str(truth).lower(), truth
            case _:
                text = self.draw(st.sampled_from(["a", "가"]))
                return f'"{text}"', text

    def variable(self, type_: str, value: Any) -> str:
        """A new one."""
        name = f"v{len(self.variables)}"
        self.variables[name] = (type_, value)
        return f"${name}"


@st.composite
def documents(draw: Any, schema: GraphQLSchema) -> Asked:
    """Queries that are valid, as a rule."""
    assert isinstance(schema.query_type, GraphQLObjectType)
    writing = Writing(schema, draw)
    selected = writing.selections(schema.query_type, 0)
    declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in writing.variables.items())
    head = f"query Q({declared})" if declared else "query Q"
    text = "\n".join([f"{head} {selected}", *writing.fragments])
    return Asked(text, {name: value for name, (_, value) in writing.variables.items()})
