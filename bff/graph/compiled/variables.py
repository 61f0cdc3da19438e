"""Which variables of an operation decide what."""

from collections.abc import Iterable
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    Node,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)

SWITCHES: Final = frozenset({"skip", "include"})


def switches_of(*definitions: OperationDefinitionNode | FragmentDefinitionNode) -> tuple[str, ...]:
    """The names of all variables in @skip and @include."""
    found: set[str] = set()

    class Finder(Visitor):
        def enter_directive(self, node: Any, *_: Any) -> None:
            for argument in node.arguments or ():
                if node.name.value in SWITCHES and isinstance(argument.value, VariableNode):
                    found.add(argument.value.name.value)

    for definition in definitions:
        visit(definition, Finder())
    return tuple(sorted(found))


def variables_below(
    operation: OperationDefinitionNode, fragments: Iterable[FragmentDefinitionNode]
) -> frozenset[str]:
    """The names of all variables that are not only arguments of what stands at the root itself."""
    found: set[str] = set()

    class Finder(Visitor):
        def enter_variable(self, node: Any, *_: Any) -> None:
            found.add(node.name.value)

    parts: list[Node] = list(fragments)
    for each in operation.selection_set.selections:
        if isinstance(each, FieldNode):
            parts += [*(each.directives or ()), *([each.selection_set] if each.selection_set else ())]
        else:
            parts.append(each)
    for part in parts:
        visit(part, Finder())
    return frozenset(found)
