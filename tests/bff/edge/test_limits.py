"""Each limit: refused just above it, accepted just at it; and nothing is looked at twice."""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from graphql import get_introspection_query, parse

from bff.edge.documents import CACHED_CHARACTERS, Documents, RefusedError
from bff.edge.limits import MEASURED_AT_MOST, NESTED_AT_MOST, Definition, Limits, Walk, check
from bff.graph import root
from compose.operations import operations
from tests.bench.bombs import BYTES, bombs, fragments

SCHEMA = root.schema()._schema
FEW = Limits(bytes=300, tokens=60, depth=4, fields=12, aliases=3, directives=2, root_fields=3, definitions=3)


def read(text: str, limits: Limits = FEW) -> str:
    """A document's code; none where it is accepted."""
    try:
        Documents(SCHEMA, limits).read(text)
    except RefusedError as refused:
        return str((refused.errors[0].extensions or {}).get("code", refused.errors[0].message))
    return ""


def fruits(inside: str) -> str:
    return f"{{ fruits {{ {inside} }} }}"


def spreads(count: int) -> str:
    return fruits(" ".join(f"...f{number}" for number in range(count)))


DEEPER = {4: "name", 5: "args { name }"}

AT: list[tuple[str, str, int, Callable[[int], str]]] = [
    ("bytes", "DOCUMENT_TOO_LONG", 300, lambda n: "{ fruits { id } }" + " " * (n - 17)),
    ("bytes of Korean", "DOCUMENT_TOO_LONG", 300, lambda n: fruits("id") + "#" + "한" * 90 + " " * (n - 288)),
    ("comments", "DOCUMENT_TOO_LONG", 60, lambda n: fruits("id") + "\n#" * n),
    ("depth", "DOCUMENT_TOO_DEEP", 4, lambda n: "{ __schema { types { fields { " + DEEPER[n] + " } } } }"),
    ("fields", "DOCUMENT_TOO_COMPLEX", 12, lambda n: fruits("id " * (n - 1))),
    ("aliases", "TOO_MANY_ALIASES", 3, lambda n: fruits(" ".join(f"a{i}: id" for i in range(n)))),
    ("directives", "TOO_MANY_DIRECTIVES", 2, lambda n: fruits("id @skip(if: false) " * n)),
    ("root fields", "TOO_MANY_ROOT_FIELDS", 3, lambda n: "{ " + "fruits { id } " * n + "}"),
    ("definitions", "TOO_MANY_DEFINITIONS", 3, lambda n: fragments(n - 1, lambda _: "id") + spreads(n - 1)),
]


@pytest.mark.parametrize(("_", "code", "most", "make"), AT, ids=[each[0] for each in AT])
def test_what_is_at_a_limit_is_read_and_what_is_above_is_refused(
    _: str, code: str, most: int, make: Callable[[int], str]
) -> None:
    assert read(make(most)) == ""
    assert read(make(most + 1)) == code


ROOTS = "{ ...a } fragment a on Query { ... on Query { a: fruits { id } } ...b } fragment b on Query { %s }"

EXPANDED = [
    (fruits("...a ...a") + " fragment a on Fruit { x: id y: name }", "TOO_MANY_ALIASES"),
    ("{ ...a ...a } fragment a on Query { fruits { id } fruits { name } }", "TOO_MANY_ROOT_FIELDS"),
    (ROOTS % ("fruits { id } " * 3), "TOO_MANY_ROOT_FIELDS"),
    (ROOTS % ("fruits { id } " * 2), ""),
    (fruits("...a @skip(if: true) ...a @skip(if: true)") + " fragment a on Fruit { id }", ""),
    (fruits("...a ...a") + f" fragment a on Fruit {{ {'id @skip(if: true) ' * 2}}}", "TOO_MANY_DIRECTIVES"),
    (
        "{ __schema { types { ...a } } } fragment a on __Type { fields { args { name } } }",
        "DOCUMENT_TOO_DEEP",
    ),
    (fruits("...a ...a ...a") + " fragment a on Fruit { id name unitPrice b: id }", "DOCUMENT_TOO_COMPLEX"),
]


@pytest.mark.parametrize(("text", "code"), EXPANDED)
def test_fragments_count_wherever_they_are_spread(text: str, code: str) -> None:
    assert read(text) == code


def test_a_fragment_that_nobody_spreads_is_measured_too() -> None:
    assert read(fruits("id") + " fragment a on Fruit { " + "id " * 13 + "}") == "DOCUMENT_TOO_COMPLEX"


def test_a_fragment_in_itself_is_named_by_validation_and_does_not_stop_the_measuring() -> None:
    text = fruits("...a") + " fragment a on Fruit { id ...b } fragment b on Fruit { ...a }"
    assert "within itself" in read(text)


def test_the_same_field_again_and_again_is_too_complex_to_be_compared() -> None:
    text = "{ " + 'order(id: "1") { id } ' * 20 + "}"
    assert read(text, Limits()) == ""
    assert read(text, Limits(comparisons=50)) == "DOCUMENT_TOO_COMPLEX"


NESTINGS: dict[str, Callable[[int], str]] = {
    "fields": lambda n: "{ a " * n + "}" * n,
    "inline fragments": lambda n: "{ fruits { " + "... on Fruit { " * n + "id" + "}" * n + "} }",
    "inline fragments in fragments": lambda n: fruits("...a") + " fragment a on Fruit { "
        + "... on Fruit { " * (n // 2) + "...b" + "}" * (n // 2) + "} fragment b on Fruit { "
        + "... on Fruit { " * (n // 2) + "id" + "}" * (n // 2) + "}",
    "lists": lambda n: "{ order(id: " + "[" * n + "1" + "]" * n + ") { id } }",
    "objects": lambda n: "{ order(id: " + "{a: " * n + "1" + "}" * n + ") { id } }",
    "lists in a directive": lambda n: "{ fruits { id @skip(if: " + "[" * n + "]" * n + ") } }",
    "lists in a default": lambda n: "query ($a: [Int] = " + "[" * n + "]" * n + ") { fruits { id } }",
}  # fmt: skip


@pytest.mark.parametrize("kind", NESTINGS)
@pytest.mark.parametrize("depth", [NESTED_AT_MOST + 1, 150, 250, 2000])
def test_nothing_is_nested_so_deep_that_a_walker_falls(kind: str, depth: int) -> None:
    endless = Limits(bytes=BYTES, tokens=20_000, depth=10**6, fields=10**6)
    assert read(NESTINGS[kind](depth), endless) == "DOCUMENT_TOO_DEEP"


def chain(levels: int, links: int) -> str:
    """Fragments of which each spreads the next one so many times."""

    def body(number: int) -> str:
        return "id" if number == levels - 1 else f"...f{number + 1} " * links

    return fruits("...f0") + " " + fragments(levels, body)


@pytest.mark.parametrize("levels", [2, 10, 22, 1000])
def test_a_bomb_is_measured_fragment_by_fragment(levels: int) -> None:
    """Expanded, it has two to the power of its levels; each selection that is written is looked at once."""
    parsed = parse(chain(levels, links=2))
    walk = Walk.through(parsed)
    sizes = [walk.size(each) for each in parsed.definitions if isinstance(each, Definition)]
    assert max(size.fields for size in sizes) == min(1 + 2 ** (levels - 1), MEASURED_AT_MOST)
    assert walk.visited == 2 * levels + 1


def test_a_bomb_is_refused_without_being_expanded() -> None:
    assert read(chain(22, links=2), Limits()) == "DOCUMENT_TOO_COMPLEX"
    assert check(parse(chain(22, links=2)), Limits(fields=10**7)) < 50


def calls(run: Callable[[], Any]) -> int:
    """How many Python functions are called by something: what it takes, whatever machine it is on."""
    count = 0

    def heard(_: Any, event: str, __: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(heard)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count


CALLS_AT_MOST = 100_000
"""What takes some 15 ms of CPU; the dearest of today makes 80,000."""


def test_no_bomb_of_64_kib_or_less_takes_more_calls_than_an_honest_document_of_its_tokens_could() -> None:
    read("{ fruits { id } }", Limits())
    took = {family: calls(partial(read, text, Limits())) for family, text in bombs((790, 5000))}
    dearest = max(took, key=lambda family: took[family])
    assert took[dearest] < CALLS_AT_MOST, (dearest, took[dearest])


@pytest.mark.parametrize("text", [get_introspection_query(), *(each.text for each in operations())])
def test_ordinary_documents_are_far_from_any_limit(text: str) -> None:
    assert read(text, Limits()) == ""
    half = Limits(bytes=8000, tokens=400, fields=500, aliases=1, directives=1, root_fields=1, definitions=5)
    assert read(text, half) == ""


def test_documents_are_remembered_by_their_text_up_to_so_many_characters() -> None:
    documents = Documents(SCHEMA, Limits())
    first = documents.read("{ fruits { id } }")
    assert documents.read("{ fruits { id } }") is first
    for number in range(CACHED_CHARACTERS // 10_000 + 1):
        documents.read("{ fruits { id } } #" + str(number) + " " * 10_000)
    assert documents.read("{ fruits { id } }") is not first
    assert documents._characters <= CACHED_CHARACTERS
    assert documents._characters == sum(map(len, documents._read))


def test_what_is_refused_is_not_remembered() -> None:
    documents = Documents(SCHEMA, Limits())
    for text in ("{ nothing }", "{", "{ " + "a: fruits { id } " * 40 + "}"):
        with pytest.raises(RefusedError):
            documents.read(text)
    assert not documents._read


def test_tokens_are_counted_to_the_last() -> None:
    text = fruits("...a " * 20 + "id") + " fragment a on Fruit { id }"
    assert read(text, Limits(tokens=53)) == ""
    assert read(text, Limits(tokens=52)) == "DOCUMENT_TOO_LONG"
