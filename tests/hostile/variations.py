"""Documents as front ends write them: with variables, aliases, fragments, and names that mean something."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    Node,
    ObjectFieldNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    parse_type,
    print_ast,
    value_from_ast_untyped,
    visit,
)
from hypothesis import strategies as st

IDS = ("id", "orderId")


@dataclass
class Varied:
    """A request: what goes into its body."""

    query: str
    variables: dict[str, Any] = field(default_factory=dict)


@st.composite
def varied(draw: st.DrawFn, schema: GraphQLSchema, document: DocumentNode, orders: Sequence[str]) -> Varied:
    """The document with other names, some of its values as variables, some of its selections as fragments."""
    document = visit(document, _Meaning(draw, orders))
    lifting = _Lifting(draw, schema)
    document = visit(document, TypeInfoVisitor(lifting.types, lifting))
    document = visit(document, _Aliases(draw))
    cutting = _Cutting(draw, schema)
    document = visit(document, TypeInfoVisitor(cutting.types, cutting))
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    whole = replace(operation, variable_definitions=tuple(lifting.definitions))
    document = replace(document, definitions=(whole, *cutting.fragments))
    return Varied(print_ast(document), lifting.values)


class _Meaning(Visitor):
    """Now and then, names of real orders and of real fruit, so that there is something to answer."""

    def __init__(self, draw: st.DrawFn, orders: Sequence[str]) -> None:
        super().__init__()
        self._draw = draw
        self._choices = dict.fromkeys(IDS, orders) | {"fruitId": ("apple", "pear")}

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Node | None:
        return self._meant(node)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> Node | None:
        return self._meant(node)

    def _meant(self, node: ArgumentNode | ObjectFieldNode) -> Node | None:
        choices = self._choices.get(node.name.value)
        if choices and self._draw(st.booleans()):
            return replace(node, value=StringValueNode(value=self._draw(st.sampled_from(choices))))
        return None


class _Lifting(Visitor):
    """Takes some arguments' values out of the document, into variables."""

    def __init__(self, draw: st.DrawFn, schema: GraphQLSchema) -> None:
        super().__init__()
        self._draw = draw
        self.types = TypeInfo(schema)
        self.definitions: list[VariableDefinitionNode] = []
        self.values: dict[str, Any] = {}

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Node | None:
        wanted = self.types.get_input_type()
        if wanted is None or not self._draw(st.booleans()):
            return None
        name = f"v{len(self.definitions)}"
        self.values[name] = _as_json(node.value)
        variable = VariableNode(name=NameNode(value=name))
        self.definitions.append(
            VariableDefinitionNode(variable=variable, type=parse_type(str(wanted)), directives=())
        )
        return replace(node, value=variable)


class _Aliases(Visitor):
    """Gives some fields another name, of its own so that none collide."""

    def __init__(self, draw: st.DrawFn) -> None:
        super().__init__()
        self._draw = draw
        self._given = 0

    def enter_field(self, node: FieldNode, *_: Any) -> Node | None:
        if node.alias is not None or self._given >= 15 or self._draw(st.integers(0, 4)):
            return None
        self._given += 1
        return replace(node, alias=NameNode(value=f"a{self._given}_{node.name.value}"))


class _Cutting(Visitor):
    """Moves some selections into fragments, named or inline."""

    def __init__(self, draw: st.DrawFn, schema: GraphQLSchema) -> None:
        super().__init__()
        self._draw = draw
        self.types = TypeInfo(schema)
        self.fragments: list[FragmentDefinitionNode] = []

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> Node | None:
        parent = get_named_type(self.types.get_parent_type())
        how = self._draw(st.sampled_from(("plain", "plain", "inline", "named")))
        if how == "plain" or not isinstance(parent, GraphQLObjectType) or len(self.fragments) > 5:
            return None
        of_type = NamedTypeNode(name=NameNode(value=parent.name))
        inner = SelectionSetNode(selections=node.selections)
        if how == "inline":
            inline = InlineFragmentNode(type_condition=of_type, selection_set=inner, directives=())
            return replace(node, selections=(inline,))
        name = NameNode(value=f"F{len(self.fragments)}")
        fragment = FragmentDefinitionNode(
            name=name, type_condition=of_type, selection_set=inner, directives=(), variable_definitions=()
        )
        self.fragments.append(fragment)
        return replace(node, selections=(FragmentSpreadNode(name=name, directives=()),))


def _as_json(value: ValueNode) -> Any:
    """As a client sends it: enums as text, and nothing that JSON does not know."""
    return json.loads(json.dumps(value_from_ast_untyped(value)))
