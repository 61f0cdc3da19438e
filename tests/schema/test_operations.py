"""The storefront's operations: valid, complete, and all of them exported as trusted documents."""

import json

import pytest
from graphql import OperationDefinitionNode, parse, validate

from bff.graph import root
from compose.export import DIRECTORY
from compose.operations import Operation, operations

SCHEMA = root.schema()._schema


@pytest.mark.parametrize("operation", operations(), ids=lambda each: each.name)
def test_each_operation_of_the_storefront_is_of_this_schema(operation: Operation) -> None:
    assert validate(SCHEMA, parse(operation.text)) == []


def test_there_is_one_for_each_field_that_can_be_asked_for() -> None:
    asked = set()
    for operation in operations():
        (definition,) = (
            each for each in parse(operation.text).definitions if isinstance(each, OperationDefinitionNode)
        )
        asked |= {each.name.value for each in definition.selection_set.selections}  # type: ignore[attr-defined]
    kinds = (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type)
    assert asked == {name for kind in kinds if kind for name in kind.fields}


def test_commands_ask_for_every_outcome() -> None:
    for operation in operations():
        for union in ("PlaceOrderResult", "CancelOrderResult"):
            outcomes = {each.name for each in SCHEMA.type_map[union].types}  # type: ignore[attr-defined]
            asked = {name for name in outcomes if f"... on {name} {{" in operation.text}
            assert asked in (set(), outcomes)


def test_both_manifests_have_them_all() -> None:
    apollo = json.loads((DIRECTORY / "trusted-documents.apollo.json").read_text())
    generated = json.loads((DIRECTORY / "trusted-documents.json").read_text())
    assert generated == {each.id: each.text for each in operations()}
    assert {each["id"]: each["body"] for each in apollo["operations"]} == generated
