"""What an operation costs, known from the schema and the variables before it is executed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

from bff.edge.documents import Document
from bff.edge.prices import LENGTHS, PAGED, ROOT
from bff.mypage import MAX_PAGE

PRICED_AT_MOST: Final = 10**9
REMEMBERED: Final = 16


class Price(NamedTuple):
    """`fixed`, and `each` for every element of the page that it is in."""

    fixed: float = 0
    each: float = 0

    def plus(self, other: "Price") -> "Price":
        """Both."""
        return Price(_capped(self.fixed + other.fixed), _capped(self.each + other.each))

    def times(self, length: float) -> "Price":
        """So often."""
        return Price(_capped(self.fixed * length), _capped(self.each * length))


def _capped(price: float) -> float:
    return min(price, PRICED_AT_MOST)


class Prices:
    """Prices operations of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._lengths = {**introspected(schema), **LENGTHS}

    def price(
        self, document: Document, operation: OperationDefinitionNode, variables: Mapping[str, Any] | None
    ) -> int:
        """What an operation costs with these variables, in units of about one resolved field.

        A document remembers its last prices: only whole numbers and truth values change them.
        """
        given = _given(operation, variables or {})
        key = (id(operation), *sorted((name, *_priced_by(value)) for name, value in given.items()))
        if (known := document.prices.get(key)) is None:
            known = document.prices[key] = self._price(document, operation, given)
            if len(document.prices) > REMEMBERED:
                document.prices.pop(next(iter(document.prices)))
        return known

    def _price(self, document: Document, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> int:
        root = self._schema.get_root_type(operation.operation)
        pricing = Pricing(self._schema, self._lengths, document.parsed, given)
        return round(pricing.selections(operation.selection_set, root).fixed)


@dataclass
class Pricing:
    """One operation being priced; each fragment once, whatever page it is spread in."""

    schema: GraphQLSchema
    lengths: Mapping[str, float]
    document: DocumentNode
    variables: Mapping[str, Any]
    visited: int = 0
    """Selections looked at so far."""

    def __post_init__(self) -> None:
        """Find the fragments."""
        found = (each for each in self.document.definitions if isinstance(each, FragmentDefinitionNode))
        self._fragments = {each.name.value: each for each in found}
        self._priced: dict[str, Price] = {}

    def selections(self, selections: SelectionSetNode, parent: GraphQLNamedType | None) -> Price:
        """What is selected of a type. Of types that exclude one another, all are paid for."""
        total = Price()
        for each in selections.selections:
            self.visited += 1
            if not _left_out(each.directives or (), self.variables):
                total = total.plus(self._selection(each, parent))
        return total

    def _selection(self, selection: SelectionNode, parent: GraphQLNamedType | None) -> Price:
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value)
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            inside = self.schema.type_map[condition.name.value] if condition else parent
            return self.selections(selection.selection_set, inside)
        assert isinstance(selection, FieldNode)  # noqa: S101 # there is no other selection
        return self._field(selection, parent)

    def _fragment(self, name: str) -> Price:
        if name not in self._priced:
            fragment = self._fragments[name]
            kind = self.schema.type_map[fragment.type_condition.name.value]
            self._priced[name] = self.selections(fragment.selection_set, kind)
        return self._priced[name]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Price:
        name = node.name.value
        assert parent is not None  # noqa: S101 # the document is valid
        definition = self.schema.get_field(parent, name)  # type: ignore[arg-type] # it has fields
        assert definition is not None  # noqa: S101 # likewise
        where = f"{parent.name}.{name}"
        price = Price(1)
        if node.selection_set:
            price = price.plus(self.selections(node.selection_set, get_named_type(definition.type)))
        if where in PAGED:
            return Price(0, price.fixed + price.each)
        price = price.times(self.lengths.get(where, 1))
        if "first" in definition.args:
            price = Price(price.fixed + price.each * self._page(node, definition.args["first"].default_value))
        return price.plus(Price(ROOT.get(where, 0)))

    def _page(self, node: FieldNode, default: Any) -> int:
        """How many are asked for. What is no number, or too many, is refused when it is executed."""
        given = next((each.value for each in node.arguments or () if each.name.value == "first"), None)
        value = default if given is None else _value(given, self.variables, default)
        wanted = default if value is None else value
        return max(0, min(wanted, MAX_PAGE)) if isinstance(wanted, int) else MAX_PAGE


def introspected(schema: GraphQLSchema) -> dict[str, float]:
    """How long the lists are that introspection gives, on average, in this schema."""
    kinds = list(schema.type_map.values())

    def average(name: str) -> float:
        return max(0.1, sum(len(getattr(each, name, ())) for each in kinds) / len(kinds))

    every = [field for kind in kinds for field in getattr(kind, "fields", {}).values()]
    arguments = sum(len(getattr(field, "args", ())) for field in every) / len(every)
    return {
        "__Schema.types": len(kinds),
        "__Schema.directives": len(schema.directives),
        "__Type.fields": average("fields"),
        "__Type.inputFields": average("fields"),
        "__Type.interfaces": 0.1,
        "__Type.possibleTypes": average("types"),
        "__Type.enumValues": average("values"),
        "__Type.ofType": 0.5,
        "__Field.args": arguments,
        "__Directive.args": 2,
        "__Directive.locations": 3,
    }


def _priced_by(value: Any) -> tuple[str, str]:
    """All that a price can depend on of a variable's value."""
    return type(value).__name__, str(value) if isinstance(value, int) else ""


def _given(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables as they are when it is executed: those sent, and the operation's own defaults."""
    defaults = {
        each.variable.name.value: _value(each.default_value, {}, None)
        for each in operation.variable_definitions or ()
        if each.default_value is not None
    }
    return {**defaults, **variables}


def _value(node: ValueNode, variables: Mapping[str, Any], default: Any) -> Any:
    """A whole number or a truth value; what is anything else is not priced by."""
    match node:
        case VariableNode():
            return variables.get(node.name.value, default)
        case IntValueNode():
            return int(node.value)
        case BooleanValueNode():
            return node.value
        case _:
            return None


def _left_out(directives: tuple[DirectiveNode, ...], variables: Mapping[str, Any]) -> bool:
    """Whether @skip or @include, with these variables, leave a selection out."""
    for each in directives:
        wanted = {"skip": False, "include": True}.get(each.name.value)
        if wanted is not None and each.arguments:
            value = _value(each.arguments[0].value, variables, None)
            if isinstance(value, bool) and value is not wanted:
                return True
    return False
