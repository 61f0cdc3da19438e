"""Plans: when they are made, used, and given up."""

from pathlib import Path
from typing import Any

import pytest
from graphql import parse
from graphql.execution.collect_fields import collect_fields

from bff.graph import root
from bff.graph.compiled import compiling
from bff.graph.compiled.executor import DECLINED_AT_MOST, VARIANTS_AT_MOST
from bff.graph.compiled.plan import plan
from tests.bff.compiled.differing import Pair, schema
from tests.bff.compiled.documents import Asked
from tests.bff.compiled.world import MOMENT, Cat, Color, Node

FOLDER = Path(__file__).parents[3] / "schema" / "operations"
FRAGMENT = FOLDER / "OrderFields.graphql"
OPERATIONS = sorted({*FOLDER.glob("*.graphql")} - {FRAGMENT})
VARIABLES = {"id": "1", "orderId": "1", "input": {"fruitId": "apple", "quantity": 1, "address": "서울"}}


def a_node(**changes: Any) -> Node:
    told: dict[str, Any] = {
        "name": "apple",
        "id": "1",
        "size": 3,
        "weight": 0.5,
        "flag": True,
        "at": MOMENT,
        "color": Color.RED,
        "colors": [Color.GREEN, None],
        "child": None,
        "children": [],
        "maybe": None,
        "matrix": [[1, 2], []],
        "thing": Cat(name=None, lives=9),
        "things": [],
        "named": Cat(name="나비", lives=9),
    }
    return Node(**{**told, **changes})


async def executed(pair: Pair, text: str, times: int = 1, variables: Any = None, **value: Any) -> Any:
    """The same as often as that; each time it has to be what graphql-core gives."""
    for _ in range(times):
        assert await pair.differences(Asked(text, variables or {}), value) == []


@pytest.fixture
def pair() -> Pair:
    return Pair.of()


async def test_a_plan_is_made_when_an_operation_comes_for_the_second_time(pair: Pair) -> None:
    text = "{ node { id size at color matrix thing { __typename ... on Cat { lives } } } }"
    await executed(pair, text, node=a_node())
    assert (pair.plans.completed, pair.plans.declined) == (2, 0)


async def test_what_is_declined_is_completed_as_ever(pair: Pair) -> None:
    await executed(pair, "{ node { id size } }", node=a_node(size="three"))
    assert (pair.plans.completed, pair.plans.declined) == (0, 2)


async def test_a_plan_that_always_declines_is_given_up(pair: Pair) -> None:
    await executed(pair, "{ node { id size } }", times=2 * DECLINED_AT_MOST, node=a_node(size="three"))
    assert pair.plans.declined == DECLINED_AT_MOST + 1


async def test_a_selection_that_has_to_be_waited_for_has_no_plan(pair: Pair) -> None:
    await executed(pair, "{ node { id later } }", times=3, node=a_node())
    assert (pair.plans.completed, pair.plans.declined) == (0, 0)


@pytest.mark.parametrize(("field", "declines"), [("place", True), ("placeOrNowhere", True), ("says", False)])
async def test_a_resolver_that_asks_where_it_is_is_told(
    pair: Pair,
    field: str,
    declines: bool,  # noqa: FBT001 - a case of the table
) -> None:
    await executed(pair, f"{{ node {{ {field} }} }}", node=a_node())
    assert bool(pair.plans.declined) is declines


async def test_each_way_to_skip_and_include_has_a_plan_of_its_own(pair: Pair) -> None:
    text = (
        "query Q($a: Boolean!, $b: Boolean = true) { node { id size @skip(if: $a) name @include(if: $b) } }"
    )
    for variables in ({"a": True}, {"a": False}, {"a": False, "b": False}, {"a": True, "b": False}):
        await executed(pair, text, variables=variables, node=a_node())
    assert (pair.plans.completed, pair.plans.declined) == (8, 0)


async def test_there_are_no_more_plans_for_an_operation_than_make_sense(pair: Pair) -> None:
    switches = [f"$v{number}: Boolean!" for number in range(6)]
    fields = " ".join(f"a{number}: id @skip(if: $v{number})" for number in range(6))
    text = f"query Q({', '.join(switches)}) {{ node {{ __typename {fields} }} }}"
    for number in range(2 * VARIANTS_AT_MOST):
        variables = {f"v{bit}": bool(number >> bit & 1) for bit in range(6)}
        await executed(pair, text, variables=variables, node=a_node())
    assert pair.plans.completed == 2 * VARIANTS_AT_MOST


async def test_the_operations_that_came_last_are_known_and_no_more() -> None:
    executor = compiling(operations=3)
    few = schema(executor)
    for number in range(10):
        await few.execute(f"{{ size a{number}: size }}", root_value=type("Root", (), {"size": 1}))
    assert len(executor.plans) == 3


async def test_a_resolver_that_may_change_what_it_is_given_has_no_plan(pair: Pair) -> None:
    await executed(pair, '{ node { wishes(wish: {word: "pear"}) } }', times=3, node=a_node())
    assert pair.plans.completed == 0


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_every_operation_of_our_own_front_end_has_plans(path: Path) -> None:
    ours = root.schema()._schema
    document = parse(path.read_text() + FRAGMENT.read_text())
    executor = compiling().build(ours, document, raw_variable_values=VARIABLES)
    assert not isinstance(executor, list), executor
    type_ = ours.get_root_type(executor.operation.operation)
    assert type_ is not None
    fields = collect_fields(ours, executor.fragments, executor.variable_values, type_, executor.operation)
    for details in fields.grouped_field_set.values():
        field = ours.get_field(type_, details[0].node.name.value)
        assert field is not None
        plan(executor, field.type, details)
