"""Documents made to be dear to refuse: families of them, each of a size that is to be chosen."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

BYTES: Final = 64 * 1024
JUST_READ: Final = 16_000
"""What is longer is not even read."""

Bomb = Callable[[int], str]
"""A document of about so many tokens, or none that exceed 64 KiB."""


def many(tokens: int, each: int, unit: str) -> str:
    """One unit, so often that it makes so many tokens."""
    return unit * (tokens // each)


def numbered(tokens: int, each: int, unit: str) -> str:
    """The same, with a number in each."""
    return " ".join(unit.replace("#", str(number)) for number in range(tokens // each))


def fragments(count: int, body: Callable[[int], str], kind: str = "Fruit") -> str:
    """Fragments f0, f1, … of a type."""
    return " ".join(f"fragment f{number} on {kind} {{ {body(number)} }}" for number in range(count))


def _spread(count: int) -> str:
    return " ".join(f"...f{number}" for number in range(count))


def _chain(count: int, links: int = 1, leaf: str = "id") -> str:
    def body(number: int) -> str:
        return leaf if number == count - 1 else f"...f{number + 1} " * links

    return "{ fruits { ...f0 } } " + fragments(count, body)


def _dense(count: int) -> str:
    return "{ fruits { ...f0 } } " + fragments(
        count, lambda number: "id " + " ".join(f"...f{each}" for each in range(number + 1, count))
    )


def _cycles(count: int) -> str:
    return "{ fruits { ...f0 } } " + fragments(
        count, lambda number: " ".join(f"...f{each}" for each in range(count) if each != number)
    )


def _braces(open_: str, inner: str, close: str, depth: int) -> str:
    return open_ * depth + inner + close * depth


def _operations(tokens: int, head: str, body: str, each: int) -> str:
    count = tokens // 20
    heads = " ".join(f"query q{number}{head} {{ ...f }}" for number in range(count))
    return f"{heads} fragment f on Query {{ {many(tokens // 2, each, body)} }}"


TEXTS: Final[dict[str, str]] = {
    "spaces": "{ fruits" + " " * 65_000,
    "line feeds": "{ fruits" + "\r\n" * 32_000,
    "commas": "{ fruits" + "," * 65_000,
    "one comment": "{ fruits #" + "x" * 65_000,
    "comments": "{ fruits " + "#\n" * 32_000,
    "a name": "{ " + "x" * 65_000,
    "a string": '{ order(id: "' + "x" * 65_000,
    "escapes": '{ order(id: "' + "\\n" * 32_000,
    "escapes of four digits": '{ order(id: "' + "\\u0041" * 10_000,
    "an escape without an end": '{ order(id: "\\u{' + "0" * 65_000,
    "surrogates": '{ order(id: "' + "\\ud83d\\ude00" * 5000,
    "a block string": '{ order(id: """' + "x" * 65_000,
    "lines of a block string": '{ order(id: """' + " \n" * 32_000 + '"""',
    "quotes in a block string": '{ order(id: """' + '\\"""' * 16_000,
    "a number": "{ order(id: " + "1" * 65_000,
    "digits after a point": "{ order(id: ." + "1" * 65_000,
    "Korean": '{ order(id: "' + "김" * 21_000,
    "emoji": '{ order(id: "' + "😀" * 16_000,
    "descriptions": '"x" ' * 16_000 + "{ fruits { id } }",
}
"""What is dear to read at all, up to 64 KiB."""

TOKENS: Final[dict[str, Bomb]] = {
    "a field again and again": lambda n: "{ fruits { " + many(n, 1, "id ") + "} }",
    "an alias again and again": lambda n: "{ fruits { " + many(n, 3, "a: id ") + "} }",
    "many aliases": lambda n: "{ fruits { " + numbered(n, 3, "a#: id") + "} }",
    "objects again and again": lambda n: "{ " + many(n, 5, "fruits { id name } ") + "}",
    "objects with arguments": lambda n: "{ " + many(n, 9, 'order(id: "1") { id } ') + "}",
    "connections again and again": lambda n: "{ " + many(n, 10, "myOrders { edges { node { id } } } ") + "}",
    "conflicts": lambda n: "{ " + numbered(n, 11, 'a: order(id: "#") { id }') + "}",
    "inline fragments": lambda n: "{ fruits { " + many(n, 6, "... on Fruit { id } ") + "} }",
    "inline fragments within": lambda n: "{ fruits { " + _braces("... on Fruit {", "id", "}", n // 5) + "} }",
    "directives": lambda n: "{ fruits { " + many(n, 7, "id @skip(if: true) ") + "} }",
    "directives on one": lambda n: "{ fruits { id " + many(n, 6, "@skip(if: true) ") + "} }",
    "unknown fields": lambda n: "{ order(id: 1) { " + numbered(n, 1, "statu#") + "} }",
    "unknown fields, long": lambda n: "{ " + numbered(n // 50, 1, "myOrder" * 40 + "#") + "}",
    "unknown types": lambda n: numbered(n, 7, "fragment f# on Orde# { id }") + " { fruits { id } }",
    "unknown arguments": lambda n: "{ order(" + numbered(n, 3, "a#: 1") + ") { id } }",
    "an argument again and again": lambda n: "{ order(" + many(n, 3, "id: 1 ") + ") { id } }",
    "variables": lambda n: "query (" + numbered(n, 4, "$v#: Int") + ") { __typename }",
    "used variables": lambda n: (
        f"query ({numbered(n // 2, 4, '$v#: Int')}) {{ "
        + numbered(n // 2, 9, "a#: myOrders(first: $v#) { __typename }")
        + " }"
    ),
    "variables with defaults": lambda n: (
        "query (" + numbered(n, 6, '$v#: PlaceOrderInput = "x"') + ") { __typename }"
    ),
    "a list": lambda n: "{ myOrders(filter: {status: [" + many(n, 1, "PAID ") + "]}) { __typename } }",
    "a list of what is wrong": lambda n: (
        "{ myOrders(filter: {status: [" + many(n, 1, "PAYD ") + "]}) { __typename } }"
    ),
    "lists within": lambda n: (
        "{ myOrders(filter: {status: " + _braces("[", "PAID", "]", n // 2) + "}) { __typename } }"
    ),
    "an object": lambda n: "mutation { placeOrder(input: {" + numbered(n, 3, "a#: 1") + "}) { __typename } }",
    "a key again and again": lambda n: (
        "mutation { placeOrder(input: {" + many(n, 3, "quantity: 1 ") + "}) { __typename } }"
    ),
    "objects within": lambda n: (
        "mutation { placeOrder(input: " + _braces("{a: ", "1", "}", n // 4) + ") { __typename } }"
    ),
    "equal arguments compared": lambda n: (
        "{ "
        + many(n, 30, 'myOrders(filter: {status: [PAID, PAID, PAID]}, after: "x") { edges { cursor } } ')
        + "}"
    ),
    "fragments side by side": lambda n: (
        "{ fruits { " + _spread(n // 9) + " } } " + fragments(n // 9, lambda _: "id")
    ),
    "fragments with aliases": lambda n: (
        "{ fruits { " + _spread(n // 11) + " } } " + fragments(n // 11, lambda _: "a: id")
    ),
    "fragments in a row": lambda n: _chain(n // 9),
    "a fragment bomb": lambda n: _chain(n // 10, links=2),
    "fragments, dense": lambda n: _dense(int((n // 2) ** 0.5)),
    "fragments in cycles": lambda n: _cycles(int((n // 2) ** 0.5)),
    "operations": lambda n: _operations(n, "", "fruits { id } ", 4),
    "operations with variables": lambda n: _operations(
        n, "($a: Int)", "myOrders(first: $a) { __typename } ", 9
    ),
    "operations without variables": lambda n: _operations(n, "", "myOrders(first: $a) { __typename } ", 9),
    "introspection": lambda n: "{ __schema { types { " + many(n, 8, "fields { type { name } } ") + "} } }",
    "braces": lambda n: "{" * n,
    "fields within": lambda n: _braces("{ a ", "", "}", n // 3),
}
"""What is dear to parse, measure or validate, by how many tokens it has."""

VARIABLES: Final[dict[str, Callable[[int], Any]]] = {
    "states": lambda n: {"status": ["PAID"] * n},
    "states that are none": lambda n: {"status": ["PAYD"] * n},
    "keys that are none": lambda n: {f"x{number}": number for number in range(n)},
    "lists": lambda n: {"status": [[] for _ in range(n)]},
    "a long state": lambda n: {"status": ["x" * min(60 * n, 60_000)]},
    "a long key": lambda n: {"x" * min(60 * n, 60_000): 1},
    "nested": lambda n: _nested(min(n, 120)),
}
"""What is dear in variables, for a filter: so many values."""


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"status": [value]}
    return value


SIZES: Final = (50, 100, 200, 400, 550, 700, 790, 5000, 20_000)


def bombs(sizes: Sequence[int] = SIZES) -> Iterator[tuple[str, str]]:
    """All of them that are 64 KiB or less, by family."""
    for family, text in TEXTS.items():
        yield family, text
        yield family, text.encode()[:JUST_READ].decode(errors="ignore")
    for family, make in TOKENS.items():
        for size in sizes:
            text = make(size)
            if len(text.encode()) <= BYTES:
                yield family, text
