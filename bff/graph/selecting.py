"""What of an answer is asked for: known before it is worked out, where working it out costs something."""

from graphql import FieldNode, FragmentSpreadNode, SelectionSetNode

from bff.graph.context import Info


def selects(info: Info, name: str) -> bool:
    """Whether this field is asked for of what is being resolved; each fragment is looked into once."""
    raw = info._raw_info  # noqa: SLF001 # Strawberry's own way walks fragments again and again
    waiting: list[SelectionSetNode | None] = [node.selection_set for node in raw.field_nodes]
    known: set[str] = set()
    while waiting:
        for selection in found.selections if (found := waiting.pop()) else ():
            if isinstance(selection, FieldNode):
                if selection.name.value == name:
                    return True
            elif not isinstance(selection, FragmentSpreadNode):
                waiting.append(selection.selection_set)  # type: ignore[attr-defined] # an inline fragment
            elif selection.name.value not in known:
                known.add(selection.name.value)
                waiting.append(raw.fragments[selection.name.value].selection_set)
    return False
