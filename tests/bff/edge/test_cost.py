"""What operations cost: by the schema's prices, the page's length, and each fragment once."""

from typing import Any

import pytest
from graphql import get_introspection_query, get_named_type, is_list_type, is_non_null_type, parse

from bff.edge.cost import REMEMBERED, Price, Prices, Pricing
from bff.edge.documents import Document, Documents
from bff.edge.limits import Limits
from bff.edge.prices import LENGTHS, PAGED, ROOT
from bff.graph import root
from bff.settings import BffSettings
from compose.operations import operations

SCHEMA = root.schema()._schema
DOCUMENTS = Documents(SCHEMA, Limits())
BUDGET = BffSettings.model_fields["bff_cost_budget"].default

QUERY = 100
EDGES = "edges { node { id } }"
EDGE = 1 + 1 + 1
CONNECTION = 1
"""`edges`, `node` and `id` for each order of the page; `myOrders` itself once."""


def cost(text: str, **variables: Any) -> int:
    document = DOCUMENTS.read(text)
    return Prices(SCHEMA).price(document, document.operations[0], variables)


def page(first: str = "", variables: str = "", inside: str = EDGES) -> str:
    return f"query {variables} {{ myOrders{first} {{ {inside} }} }}"


def orders(count: int) -> int:
    return QUERY + CONNECTION + count * EDGE


@pytest.mark.parametrize(
    ("text", "variables", "count"),
    [
        (page("(first: 7)"), {}, 7),
        (page("(first: 0)"), {}, 0),
        (page("(first: -5)"), {}, 0),
        (page("(first: 5000)"), {}, 50),
        (page(), {}, 20),
        (page("(first: null)"), {}, 20),
        (page("(first: $n)", "($n: Int)"), {"n": 7}, 7),
        (page("(first: $n)", "($n: Int)"), {}, 20),
        (page("(first: $n)", "($n: Int)"), {"n": None}, 20),
        (page("(first: $n)", "($n: Int = 3)"), {}, 3),
        (page("(first: $n)", "($n: Int = 3)"), {"n": 9}, 9),
        (page("(first: $n)", "($n: Int = 3)"), {"n": None}, 20),
        (page("(first: $n)", "($n: Int)"), {"n": "no number"}, 50),
        (page("(first: $n)", "($n: Int)"), {"n": 7.0}, 50),
        (page("(first: $n)", "($n: Int)"), {"n": 2**60}, 50),
    ],
)
def test_a_page_costs_what_its_length_says(text: str, variables: dict[str, Any], count: int) -> None:
    assert cost(text, **variables) == orders(count)


OUTCOMES = "... on OrderCanceled { order { id } } ... on OrderNotFound { orderId }"
FRAGMENT = " fragment f on OrderConnection { edges { node { id } } }"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ myOrders(first: 7) { ...f } }" + FRAGMENT, orders(7)),
        ("{ a: myOrders(first: 7) { ...f } b: myOrders { ...f } }" + FRAGMENT, orders(7) + orders(20)),
        ("{ myOrders(first: 7) { ... on OrderConnection { edges { node { id } } } } }", orders(7)),
        ("{ myOrders(first: 7) { ... { ...f } } }" + FRAGMENT, orders(7)),
        ("{ ...g } fragment g on Query { myOrders(first: 7) { ...f } }" + FRAGMENT, orders(7)),
        ("{ order(id: 1) { id history { at } } }", 100 + 1 + 1 + 10 * 2),
        ("{ a: order(id: 1) { id } b: order(id: 2) { id } }", 2 * (100 + 2)),
        ("mutation { cancelOrder(orderId: 1) { " + OUTCOMES + " } }", 500 + 1 + 2 + 1),
        ("{ __typename }", 1),
    ],
)  # fmt: skip
def test_fragments_aliases_and_lists_are_added_up(text: str, expected: int) -> None:
    assert cost(text) == expected


CONDITION = "query ($yes: Boolean!, $n: Int = 7) { %s __typename }"


@pytest.mark.parametrize(
    ("directive", "yes", "count"),
    [
        ("@include(if: true)", True, 1),
        ("@include(if: false)", True, 0),
        ("@skip(if: true)", True, 0),
        ("@skip(if: false)", True, 1),
        ("@include(if: $yes)", True, 1),
        ("@include(if: $yes)", False, 0),
        ("@skip(if: $yes)", True, 0),
        ("@skip(if: $yes)", False, 1),
        ("@include(if: $yes)", "no truth value", 1),
        ("@include(if: $yes) @skip(if: $yes)", True, 0),
        ("@include(if: $yes) @skip(if: $yes)", False, 0),
    ],
)
def test_what_the_variables_leave_out_is_not_paid_for(directive: str, yes: Any, count: int) -> None:
    text = CONDITION % f"myOrders(first: 7) {directive} {{ {EDGES} }}"
    used = text if "$yes" in directive else text.replace("$yes: Boolean!, ", "")
    used = used.replace("$n: Int = 7", "").replace("()", "")
    assert cost(used, yes=yes) == count * orders(7) + 1


TEN_OF = "myOrders(first: 50) { edges { node { ...OrderFields } } }"


def test_the_ordinary_page_of_fifty_orders_with_everything_fits_and_ten_of_them_do_not() -> None:
    (text,) = (each.text for each in operations() if each.name == "MyOrders")
    assert BUDGET / 4 < cost(text, first=50) < BUDGET / 2
    fragment = text[text.index("fragment") :]
    pages = " ".join(
        f"p{number}: myOrders(first: 50) {{ edges {{ node {{ ...OrderFields }} }} }}" for number in range(10)
    )
    assert cost(f"{{ {pages} }} {fragment}") > BUDGET


@pytest.mark.parametrize("operation", operations(), ids=lambda each: each.name)
def test_all_of_the_storefront_fits_easily(operation: Any) -> None:
    assert cost(operation.text, first=50) < BUDGET / 2


def test_nine_orders_can_be_placed_at_once_and_ten_cannot() -> None:
    def placing(count: int) -> str:
        one = 'placeOrder(input: {fruitId: "apple", quantity: 1, address: "x"}) { __typename }'
        return "mutation { " + " ".join(f"p{number}: {one}" for number in range(count)) + " }"

    assert cost(placing(9)) <= BUDGET < cost(placing(10))


def test_the_usual_introspection_fits() -> None:
    assert 1000 < cost(get_introspection_query()) < BUDGET


def test_a_fragment_is_priced_once_however_often_it_is_spread() -> None:
    spread = " ".join("...f" for _ in range(50))
    text = f"{{ order(id: 1) {{ {spread} }} }} fragment f on Order {{ id status amount }}"
    document = parse(text)
    pricing = Pricing(SCHEMA, LENGTHS, document, {})
    operation: Any = document.definitions[0]
    assert pricing.selections(operation.selection_set, SCHEMA.query_type) == Price(100 + 1 + 50 * 3)
    assert pricing.visited == 1 + 50 + 3


def test_a_price_is_remembered_for_the_variables_that_make_it() -> None:
    document: Document = DOCUMENTS.read(
        page("(first: $n, after: $after)", "($n: Int, $after: String)") + " #"
    )
    prices = Prices(SCHEMA)
    for number in range(40):
        variables = {"n": number, "after": str(number)}
        assert prices.price(document, document.operations[0], variables) == orders(number)
    assert len(document.prices) == REMEMBERED
    assert prices.price(document, document.operations[0], {"n": 3, "after": "x"}) == orders(3)


def test_every_price_is_of_a_field_and_every_list_and_every_root_field_has_one() -> None:
    lists, roots = set(), set()
    for name, kind in SCHEMA.type_map.items():
        for field_name, field in getattr(kind, "fields", {}).items():
            where, of = f"{name}.{field_name}", getattr(field, "type", None)
            inner = of.of_type if is_non_null_type(of) else of
            if is_list_type(inner) and hasattr(field, "args") and not name.startswith("__"):
                assert get_named_type(inner) is not None
                lists.add(where)
            if name in {"Query", "Mutation", "Subscription"}:
                roots.add(where)
    assert roots == set(ROOT)
    assert lists <= LENGTHS.keys() | PAGED
    assert LENGTHS.keys() | PAGED <= lists | roots
