"""The storefront's operations, each with the fragments it needs, as manifests of trusted documents."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    Node,
    OperationDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

DIRECTORY = Path(__file__).parent.parent / "schema" / "operations"


class Operation(NamedTuple):
    """One operation; `text` is the whole document, and `id` its SHA-256."""

    id: str
    name: str
    type: str
    text: str


def operations(directory: Path = DIRECTORY) -> list[Operation]:
    """All of them, by name."""
    files = sorted(directory.glob("*.graphql"))
    definitions = [each for file in files for each in parse(file.read_text(encoding="utf-8")).definitions]
    fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
    return [_whole(each, fragments) for each in definitions if isinstance(each, OperationDefinitionNode)]


def of_code_generator(found: list[Operation]) -> dict[str, str]:
    """The manifest as GraphQL Code Generator's client preset writes it."""
    return {each.id: each.text for each in found}


def of_apollo(found: list[Operation]) -> dict[str, Any]:
    """The manifest as Apollo's `generate-persisted-query-manifest` writes it."""
    entries = [{"id": each.id, "name": each.name, "type": each.type, "body": each.text} for each in found]
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": entries}


def _whole(operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]) -> Operation:
    needed = sorted(set(_needed(operation, fragments)))
    text = print_ast(DocumentNode(definitions=(operation, *(fragments[name] for name in needed))))
    name = operation.name.value if operation.name else ""
    return Operation(hashlib.sha256(text.encode()).hexdigest(), name, operation.operation.value, text)


def _needed(node: Node, fragments: dict[str, FragmentDefinitionNode]) -> Iterator[str]:
    """The names of the fragments that something spreads, and of those that they do."""
    spread: list[str] = []

    class Spreads(Visitor):
        def enter_fragment_spread(self, each: FragmentSpreadNode, *_: object) -> None:
            spread.append(each.name.value)

    visit(node, Spreads())
    for name in spread:
        yield name
        yield from _needed(fragments[name], fragments)
