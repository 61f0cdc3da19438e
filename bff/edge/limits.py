"""How large a document may be, measured before it is validated: each node once, each fragment once."""

from dataclasses import dataclass, field, fields
from typing import Final, Self

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableDefinitionNode,
)

from bff.graph.codes import Code
from bff.graph.errors import CodedError
from bff.settings import BffSettings

MEASURED_AT_MOST: Final = 1_000_000
"""Where counting ends: a bomb's true size has too many digits to be of interest."""
NESTED_AT_MOST: Final = 64
"""Braces within braces, those of fragments too: whoever walks a document goes no deeper."""


@dataclass(frozen=True)
class Limits:
    """At most so many; the settings `BFF_DOCUMENT_…` say of what.

    Bytes and tokens are counted in the text; fields, aliases and directives with fragments expanded.
    """

    bytes: int = 16_384
    tokens: int = 400
    depth: int = 16
    fields: int = 1000
    aliases: int = 30
    directives: int = 50
    root_fields: int = 20
    definitions: int = 40
    comparisons: int = 5000

    @classmethod
    def of(cls, settings: BffSettings) -> Self:
        """As the settings say."""
        return cls(**{each.name: getattr(settings, f"bff_document_{each.name}") for each in fields(cls)})


@dataclass
class Size:
    """How large a definition is: its depth in fields, its nesting in braces, and what is counted in it."""

    depth: int = 0
    nesting: int = 1
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0

    def add(self, other: "Size", depth: int, nesting: int) -> None:
        """Put a fragment in, so deep inside."""
        self.depth = max(self.depth, depth + other.depth)
        self.nesting = max(self.nesting, nesting + other.nesting)
        for name in ("fields", "aliases", "directives"):
            setattr(self, name, min(getattr(self, name) + getattr(other, name), MEASURED_AT_MOST))
        if depth == 0:
            self.root_fields = min(self.root_fields + other.root_fields, MEASURED_AT_MOST)


Definition = OperationDefinitionNode | FragmentDefinitionNode
Spread = tuple[str, int, int]
"""A fragment's name, and how deep inside in fields and in braces it is spread."""


@dataclass
class Walk:
    """Measures the definitions of one document."""

    fragments: dict[str, FragmentDefinitionNode]
    visited: int = 0
    """Selections looked at so far."""
    _sizes: dict[int, Size] = field(default_factory=dict)

    @classmethod
    def through(cls, document: DocumentNode) -> Self:
        """Of this document."""
        found = (each for each in document.definitions if isinstance(each, FragmentDefinitionNode))
        return cls({each.name.value: each for each in found})

    def size(self, definition: Definition) -> Size:
        """How large a definition is with all its fragments; one that contains itself counts as empty there.

        Without recursion: how deep fragments spread one another is the client's choice.
        """
        if (known := self._sizes.get(id(definition))) is not None:
            return known
        begun = [(definition, *self._alone(definition))]
        under_way = {id(definition)}
        while begun:
            inner, size, spreads = begun[-1]
            if not spreads:
                begun.pop()
                under_way.discard(id(inner))
                self._sizes[id(inner)] = size
                continue
            name, *deep = spreads[-1]
            fragment = self.fragments.get(name)
            if fragment is None or id(fragment) in under_way:
                spreads.pop()
            elif (known := self._sizes.get(id(fragment))) is not None:
                spreads.pop()
                size.add(known, *deep)
            else:
                begun.append((fragment, *self._alone(fragment)))
                under_way.add(id(fragment))
        return self._sizes[id(definition)]

    def _alone(self, definition: Definition) -> tuple[Size, list[Spread]]:
        """Its size without fragments, and which of them it spreads how deep inside."""
        size = Size()
        spreads: list[Spread] = []
        for outside in (definition, *(definition.variable_definitions or ())):
            size.directives += len(outside.directives or ())
            size.nesting = max(size.nesting, _deepest(outside))
        left: list[tuple[SelectionSetNode, int, int]] = [(definition.selection_set, 0, 1)]
        while left:
            selections, depth, nesting = left.pop()
            size.nesting = max(size.nesting, nesting)
            for each in selections.selections:
                self.visited += 1
                size.directives += len(each.directives or ())
                size.nesting = max(size.nesting, nesting + _deepest(each))
                if isinstance(each, FragmentSpreadNode):
                    spreads.append((each.name.value, depth, nesting))
                    continue
                inner = depth + _count(each, depth, size)
                if (within := getattr(each, "selection_set", None)) is not None:
                    left.append((within, inner, nesting + 1))
        return size, spreads


def _deepest(node: Node) -> int:
    """How deep lists and objects are nested in what is given to a node and its directives."""
    given = [node, *(getattr(node, "directives", None) or ())]
    left = [(argument.value, 1) for each in given for argument in getattr(each, "arguments", None) or ()]
    if isinstance(node, VariableDefinitionNode) and node.default_value:
        left.append((node.default_value, 1))
    deepest = 0
    while left:
        value, depth = left.pop()
        deepest = max(deepest, depth)
        if isinstance(value, ListValueNode):
            left.extend((each, depth + 1) for each in value.values)
        elif isinstance(value, ObjectValueNode):
            left.extend((each.value, depth + 1) for each in value.fields)
    return deepest


def _count(selection: SelectionNode, depth: int, size: Size) -> int:
    """Count a field; how much deeper it is inside."""
    if not isinstance(selection, FieldNode):
        return 0
    size.fields += 1
    size.aliases += selection.alias is not None
    size.root_fields += depth == 0
    size.depth = max(size.depth, depth + 1)
    return 1


CODES: Final[dict[str, tuple[Code, str]]] = {
    "depth": (Code.DOCUMENT_TOO_DEEP, "levels of fields"),
    "fields": (Code.DOCUMENT_TOO_COMPLEX, "fields, with fragments expanded"),
    "aliases": (Code.TOO_MANY_ALIASES, "aliases, with fragments expanded"),
    "directives": (Code.TOO_MANY_DIRECTIVES, "directives, with fragments expanded"),
    "root_fields": (Code.TOO_MANY_ROOT_FIELDS, "fields at its root"),
}


def check(document: DocumentNode, limits: Limits) -> int:
    """Hold a document against the limits; how many selections were looked at. Raises a CodedError."""
    if len(document.definitions) > limits.definitions:
        most = f"A document has at most {limits.definitions} operations and fragments."
        raise CodedError(Code.TOO_MANY_DEFINITIONS, most)
    walk = Walk.through(document)
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode | FragmentDefinitionNode):
            _check(walk.size(each), limits, rooted=isinstance(each, OperationDefinitionNode))
    return walk.visited


def _check(size: Size, limits: Limits, *, rooted: bool) -> None:
    if size.nesting > NESTED_AT_MOST:
        raise CodedError(Code.DOCUMENT_TOO_DEEP, f"At most {NESTED_AT_MOST} braces within braces.")
    for name, (code, what) in CODES.items():
        most = getattr(limits, name)
        if getattr(size, name) > most and (rooted or name != "root_fields"):
            raise CodedError(code, f"At most {most} {what}.")


def refuse_too_long(text: str, limits: Limits) -> None:
    """Refuse a text for its bytes alone. Raises a CodedError."""
    if len(text) > limits.bytes or len(text.encode(errors="replace")) > limits.bytes:
        raise CodedError(Code.DOCUMENT_TOO_LONG, f"A document has at most {limits.bytes} bytes.")
