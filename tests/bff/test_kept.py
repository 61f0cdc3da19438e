"""Plans say of what is kept what graphql-core says of the objects that are made of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    OperationType,
    get_named_type,
    is_object_type,
    parse,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from bff.caller import Caller
from bff.graph.compiled.kept import Kept
from bff.graph.context import Context, Services
from bff.graph.root import Schema, schema
from bff.graph.types import Order
from bff.mypage import Page
from services.mypage import projection
from services.mypage.writing import encoded
from tests.bff.test_shown import STORIES

LOCALES = ["", "(locale: KO)", "(locale: EN)"]
CHANGED_AT = datetime(2026, 11, 30, tzinfo=UTC)


def a_document(number: int) -> dict[str, Any]:
    """One of the stories, as MyPage keeps it."""
    page = None
    story: Any = STORIES[number % len(STORIES)].values[0]
    for fact in story:
        page = projection.take_in(page, fact)
    assert page is not None
    document: dict[str, Any] = bson.decode(bson.encode(encoded(page) | {"changed_at": CHANGED_AT}))
    return {name: value for name, value in document.items() if name not in ("facts", "taken_in")}


class MyPage:
    """Has this page."""

    def __init__(self, documents: list[dict[str, Any]]) -> None:
        self._page = Page(documents, more=True)

    async def newest(self, *_: object) -> Page:
        return self._page


def selections(type_: GraphQLNamedType) -> st.SearchStrategy[str]:
    """What may be selected of a type, in any order, under any name."""
    assert isinstance(type_, GraphQLObjectType)
    fields = st.lists(st.sampled_from(sorted(type_.fields)), min_size=1, max_size=8)
    return fields.flatmap(
        lambda names: st.tuples(*(_selected(type_, *each) for each in enumerate(names)))
    ).map(lambda said: f"{{ __typename {' '.join(said)} }}")


def _selected(type_: GraphQLObjectType, number: int, name: str) -> st.SearchStrategy[str]:
    field = type_.fields[name]
    alias = f"a{number}: {name}"
    if is_object_type(inner := get_named_type(field.type)):
        return selections(inner).map(lambda below: f"{alias} {below}")
    locales = LOCALES if "locale" in field.args else [""]
    return st.sampled_from(locales).map(lambda locale: alias + locale)


def broken() -> st.SearchStrategy[Callable[[dict[str, Any]], Any]]:
    """What may be wrong with a document: something is missing, or is nothing, or is no such thing."""
    names = st.sampled_from(sorted(a_document(len(STORIES) - 1)))
    wrong: st.SearchStrategy[Any] = st.sampled_from([None, 3.5, "no such thing", 2**40, [], {}, [{}]])
    return st.one_of(
        st.just(lambda _: None),
        names.map(lambda name: lambda document: document.pop(name, None)),
        st.tuples(names, wrong).map(lambda each: lambda document: document.update([each])),
    )


async def told(
    api: Schema,
    text: str,
    documents: list[dict[str, Any]],
    times: int,
    variables: dict[str, Any] | None = None,
) -> list[Any]:
    """What is said of a page, so many times."""
    services = Services(None, None, MyPage(documents), None, None)  # type: ignore[arg-type] # nobody else is asked
    document = parse(text)
    said = []
    for _ in range(times):
        answer = await api.run(document, Context(services, "KO", Caller("me", 0), "it"), variables)
        said.append((answer.data, [(each.message, each.path) for each in answer.errors or ()]))
    return said


def can_be_made(documents: list[dict[str, Any]]) -> bool:
    """Whether there is all that an object needs, whatever is selected of it."""
    try:
        return bool([Kept(Order, document).made() for document in documents])
    except Exception:  # noqa: BLE001 - a wrong document breaks in many ways
        return False


API = schema()
CONNECTION = API._schema.get_root_type(OperationType.QUERY).fields["myOrders"].type  # type: ignore[union-attr] # there is one


@settings(max_examples=300)
@given(
    selection=selections(get_named_type(CONNECTION)),
    numbers=st.lists(st.integers(0, len(STORIES) - 1), max_size=3),
    breaks=broken(),
)
async def test_whatever_is_selected_and_whatever_is_wrong_it_says_the_same_or_misses_what_nobody_asks_for(
    selection: str, numbers: list[int], breaks: Callable[[dict[str, Any]], Any]
) -> None:
    documents = [a_document(number) for number in numbers]
    for document in documents[:1]:
        breaks(document)
    ordinary, planned = await told(API, f"{{ myOrders {selection} }}", documents, times=2)
    assert planned == ordinary or not can_be_made(documents)


async def test_what_is_whole_is_not_declined() -> None:
    text = "{ myOrders { edges { cursor node { %s } } pageInfo { endCursor } asOf } }"
    below = (
        "id status statusLabel cancelReason cancelable asOf stale fruit { name unitPrice } payment { status }"
        " delivery { status } history { type label(locale: EN) at }"
    )
    api = schema()  # with plans of its own
    documents = [a_document(number) for number in range(len(STORIES))]
    first, second = await told(api, text % below, documents, times=2)
    assert first == second
    assert first[1] == []
    plans = api.execution_context_class.plans
    assert (plans.completed, plans.declined) == (1, 0)


@pytest.mark.parametrize(("locale", "label"), [("KO", "결제 완료"), ("EN", "Paid")])
async def test_a_language_may_be_a_variable(locale: str, label: str) -> None:
    text = "query ($in: Locale) { myOrders { edges { node { statusLabel(locale: $in) } } } }"
    said = await told(API, text, [a_document(1)], times=2, variables={"in": locale})
    assert [data["myOrders"]["edges"][0]["node"]["statusLabel"] for data, _ in said] == [label] * 2


@pytest.mark.parametrize("behind", [False, True])
async def test_an_order_says_whether_it_is_behind(behind: bool) -> None:  # noqa: FBT001 - a case of the table
    document = a_document(0) | ({"stale": True} if behind else {})
    said = await told(API, "{ myOrders { edges { node { stale } } } }", [document], times=2)
    assert [data["myOrders"]["edges"][0]["node"]["stale"] for data, _ in said] == [behind] * 2
