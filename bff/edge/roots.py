"""What stands at the root of an operation."""

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
)


def root_fields(document: DocumentNode, operation: OperationDefinitionNode) -> dict[str, str]:
    """The names of its root fields in the schema, by response name: each is executed once.

    Source: the GraphQL specification, CollectFields. @skip and @include are taken to leave nothing out.
    """
    fragments = {
        each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    found: dict[str, str] = {}
    left = [operation.selection_set]
    while left:
        for each in left.pop().selections:
            if isinstance(each, FieldNode):
                found[(each.alias or each.name).value] = each.name.value
            elif not isinstance(each, FragmentSpreadNode):
                left.append(each.selection_set)  # type: ignore[attr-defined] # an inline fragment
            elif (fragment := fragments.pop(each.name.value, None)) is not None:
                left.append(fragment.selection_set)
    return found
