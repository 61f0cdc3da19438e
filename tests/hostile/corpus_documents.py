"""Documents that are wrong, or that cost more to read than they did to write."""

from typing import Final

from bff.graph.codes import Code
from tests.hostile.attacks import ANSWERED, EITHER, PROPER, Attack, asks

PARSE = frozenset({Code.GRAPHQL_PARSE_FAILED, Code.BAD_REQUEST})
INVALID = frozenset({Code.GRAPHQL_VALIDATION_FAILED, Code.BAD_REQUEST})
NO_DOCUMENT = PARSE | INVALID
LIMIT = NO_DOCUMENT | {
    *(Code.DOCUMENT_TOO_LONG, Code.DOCUMENT_TOO_DEEP, Code.DOCUMENT_TOO_COMPLEX, Code.COST_TOO_HIGH),
    *(Code.TOO_MANY_ALIASES, Code.TOO_MANY_DIRECTIVES, Code.TOO_MANY_ROOT_FIELDS, Code.TOO_MANY_DEFINITIONS),
    Code.INTROSPECTION_DISABLED,
}

ORDER = 'query ($id: ID = "x") { order(id: $id) '


def many(count: int, each: str) -> str:
    """Something, so many times; `#` is the number."""
    return " ".join(each.replace("#", str(number)) for number in range(count))


def doubling(levels: int) -> str:
    """Fragments, each of which spreads the next one twice."""
    body = many(levels, "fragment F# on Order { ...F@# ...F@# }")
    for number in range(levels):
        body = body.replace(f"@{number} ", f"{number + 1} ")
    return f'{{ order(id: "x") {{ ...F0 }} }} {body} fragment F{levels} on Order {{ id }}'


def chain(levels: int) -> str:
    """Fragments, each of which spreads the next one."""
    links = (f"fragment F{n} on Order {{ ...F{n + 1} }}" for n in range(levels))
    return f'{{ order(id: "x") {{ ...F0 }} }} {" ".join(links)} fragment F{levels} on Order {{ id }}'


def pairs(count: int) -> str:
    """Fragments that each ask for the same, so that each must be compared with each."""
    spreads = many(count, "...F#")
    return f'{{ order(id: "x") {{ {spreads} }} }} ' + many(
        count, "fragment F# on Order { payment { id status } delivery { id status } id status }"
    )


def nested(levels: int) -> str:
    """The same field, in itself."""
    return "{ order(id: 1) " + "{ fruit " * levels + "{ id }" + " }" * levels + " }"


NOT_GRAPHQL: Final = {
    "a word": "nonsense",
    "an open brace": "{",
    "a closing brace": "}",
    "only blanks": " \n\t,,,",
    "only a comment": "# { __typename }",
    "a string left open": '{ order(id: "x) { id } }',
    "a block string left open": '{ order(id: """x) { id } }',
    "a NUL": "{ __typename \0 }",
    "a byte order mark inside": "{ __typename \ufeff }x",
    "text from right to left": "{ \u202e __typename }",
    "an emoji": "{ 🍎 }",
    "a fragment named on": "fragment on on Query { __typename } { ...on }",
    "four dots": "{ ....F }",
    "a wrong escape": '{ order(id: "\\q") { id } }',
    "half a character, escaped": '{ order(id: "\\ud800") { id } }',
    "half a character, in braces": '{ order(id: "\\u{d800}") { id } }',
    "beyond Unicode": '{ order(id: "\\u{110000}") { id } }',
    "a number glued to a name": "{ myOrders(first: 1x) { edges { cursor } } }",
    "a number with a leading zero": "{ myOrders(first: 01) { edges { cursor } } }",
    "SQL": "SELECT * FROM orders; DROP TABLE orders; --",
    "JavaScript": "<script>alert(document.cookie)</script>",
    "a format string": "{0.__class__.__mro__} %s%n ${jndi:ldap://x/y} {{7*7}}",
    "parentheses 5,000 deep": "{ order(id: " + "[" * 5000 + "]" * 5000 + ") { id } }",
    "braces 5,000 deep": "{ a " * 5000 + "}" * 5000,
    "types 5,000 deep": "query ($a: " + "[" * 5000 + "Int" + "]" * 5000 + ") { __typename }",
    "a schema": "schema { query: Query } type Query { a: Int }",
    "an extension of the schema": "extend type Query { secrets: String } { secrets }",
}

INVALID_DOCUMENTS: Final = {
    "an unknown field": "{ secrets }",
    "an unknown type": "{ ... on Secret { id } }",
    "an unknown argument": "{ fruits(all: true) { id } }",
    "an unknown directive": "{ __typename @secret }",
    "a directive where it cannot be": "query @include(if: true) { __typename }",
    "the same variable twice": "query ($a: Int, $a: Int) { myOrders(first: $a) { edges { cursor } } }",
    "an unknown variable": "{ myOrders(first: $a) { edges { cursor } } }",
    "a variable of an output's type": "query ($a: Order) { __typename }",
    "a scalar with fields": "{ __typename { x } }",
    "an object without fields": "{ fruits }",
    "a fragment in itself": "{ ...F } fragment F on Query { ...F }",
    "three fragments in a circle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...C }"
    " fragment C on Query { ...A }",
    "40 fragments, each in each": "{ ...F0 } "
    + " ".join(f"fragment F{n} on Query {{ {many(40, '...F#')} }}" for n in range(40)),
    "an unknown fragment": "{ ...Nowhere }",
    "a fragment nobody uses": "{ __typename } fragment F on Query { __typename }",
    "the same name for two things": '{ a: order(id: "1") { id } a: order(id: "2") { id } }',
    "two subscriptions at once": 'subscription { myOrderUpdates { id } orderStatus(orderId: "1") { id } }',
    "a subscription to a name": "subscription { __typename }",
    "a subscription hidden by a directive": "subscription ($a: Boolean!)"
    " { myOrderUpdates @skip(if: $a) { id } }",
    "a null where none may be": "{ order(id: null) { id } }",
    "an object for a name": '{ order(id: {_ne: ""}) { id } }',
    "a list for a name": '{ order(id: ["a", "b"]) { id } }',
    "an unknown input field": 'mutation { placeOrder(input: {price: 1, fruitId: "apple", quantity: 1,'
    ' address: "x"}) { __typename } }',
    "an order with half its fields": 'mutation { placeOrder(input: {fruitId: "apple"}) { __typename } }',
    "an enum in quotes": '{ myOrders(filter: {status: ["PAID"]}) { edges { cursor } } }',
    "an enum of no such value": "{ myOrders(filter: {status: [STOLEN]}) { edges { cursor } } }",
    "an Int beyond 32 bits": "{ myOrders(first: 2147483648) { edges { cursor } } }",
    "an Int of 5,000 digits": "{ myOrders(first: " + "9" * 5000 + ") { edges { cursor } } }",
    "a Float for an Int": "{ myOrders(first: 1e1) { edges { cursor } } }",
    "@defer, which nobody offers": "{ ... @defer { fruits { id } } }",
    "@stream, which nobody offers": "{ fruits @stream(initialCount: 1) { id } }",
    "two operations of one name": "query A { __typename } query A { __typename }",
}

BOMBS: Final = {
    "3,000 aliases": "{ " + many(3000, "a#: __typename") + " }",
    "600 aliases": "{ " + many(600, "a#: __typename") + " }",
    "400 root fields": "{ " + many(400, 'a#: order(id: "x") { id }') + " }",
    "100 orders placed at once": "mutation { "
    + many(100, 'a#: placeOrder(input: {fruitId: "apple", quantity: 1, address: "x"}) { __typename }')
    + " }",
    "100 pages of 50 at once": "{ "
    + many(100, "a#: myOrders(first: 50) { edges { node { history { at } } } }")
    + " }",
    "a chain of 300 fragments": chain(300),
    "a chain of 1,200 fragments": chain(1200),
    "100 fragments, each against each": pairs(100),
    "a document of 64 KiB of pairs": pairs(600),
    "the same field 15,000 times": "{ " + "__typename " * 5900 + "}",
    "the same field with arguments 1,500 times": "{ " + 'order(id: "x") { id } ' * 1500 + "}",
    "the same nested field 400 times": "{ " + 'order(id: "x") { payment { id } } ' * 190 + "}",
    "inline fragments 500 deep": "{ " + "... { " * 500 + "__typename" + " }" * 501,
    "inline fragments 3,000 wide": "{ " + "... { __typename } " * 3000 + "}",
    "fields 300 deep": nested(300),
    "fields 3,000 deep": nested(3000),
    "1,000 directives on a field": "{ __typename " + "@include(if: true) " * 1000 + "}",
    "5,000 unknown directives": "{ __typename " + "@x " * 5000 + "}",
    "400 directives": "{ __typename " + "@skip(if: false) " * 400 + "}",
    "1,000 variables": "query (" + many(1000, "$v#: Int") + ") { __typename }",
    "300 operations": many(300, "query Q# { __typename }"),
    "1,000 fragments": "{ __typename } " + many(1000, "fragment F# on Query { __typename }"),
    "a list of 9,000 items": "{ myOrders(filter: {status: [" + "PAID " * 9000 + "]}) { edges { cursor } } }",
    "a comment of 60 KiB": "# " + "x" * 60_000 + "\n{ secrets }",
    "10,000 comments": "#\n" * 10_000 + "{ secrets }",
    "30,000 commas": "," * 30_000 + "{ secrets }",
    "a name of 60 KiB": "{ " + "x" * 60_000 + " }",
    "3,000 unknown fields": "{ " + many(1900, "f#") + " }",
    "500 misspelt fields": "{ " + many(500, "fruit#s: fruts { id }") + " }",
    "10,000 escapes in a string": '{ secrets(x: "' + "\\u0041" * 9_000 + '") }',
    "introspection without end": "{ __schema { types { "
    + "fields { type { " * 12
    + "name"
    + " } }" * 12
    + " } } }",
    "introspection of kinds": "{ __schema { types { "
    + "ofType: possibleTypes { " * 9
    + "name"
    + " }" * 9
    + " } } }",
    "200 introspections at once": "{ "
    + many(200, "a#: __schema { types { fields { type { name } } } }")
    + " }",
    "types by name, 400 times": "{ " + many(400, 'a#: __type(name: "Order") { fields { name } }') + " }",
}

FULL_INTROSPECTION = (
    "{ __schema { types { kind name fields(includeDeprecated: true) { name args { name type { name } }"
    " type { name ofType { name } } } inputFields { name } } directives { name } } }"
)
HARMLESS: Final = {
    "nothing asked": "{ }",
    "a comment with a NUL": "{ __typename } # \0",
    "a string of 50 KiB": '{ order(id: "' + "x" * 50_000 + '") { id } }',
    "a string of escapes": '{ order(id: "' + "\\u0041" * 8_000 + '") { id } }',
    "a string of NULs": '{ order(id: "\\u0000\\u0000") { id } }',
    "a block string of quotes": '{ order(id: """' + '\\"""' * 400 + '""") { id } }',
    "a name in itself": '{ order: order(id: "x") { id: id } }',
    "nothing but what is skipped": "{ fruits @skip(if: true) { id } }",
    "__proto__ as an alias": '{ __proto__: __typename constructor: order(id: "x") { id } }',
    "an alias with two underscores": "{ __schema: __typename }",
    "all there is about the schema": FULL_INTROSPECTION,
    **{f"fragments doubling {levels} times": doubling(levels) for levels in (8, 22, 60, 150)},
    "200 fields of an order": '{ order(id: "x") { ' + "id status " * 100 + "} }",
    "a block string of 10,000 lines": '{ order(id: """' + "\n x" * 10_000 + '""") { id } }',
    "a list of 1,900 items": "{ myOrders(filter: {status: [" + "PAID " * 1900 + "]}) { edges { cursor } } }",
    "a list of 1,200 items": "{ myOrders(filter: {status: [" + "PAID " * 1200 + "]}) { edges { cursor } } }",
}

DOCUMENTS: Final[list[Attack]] = [
    *(asks(f"document: {name}", text, PARSE | LIMIT) for name, text in NOT_GRAPHQL.items()),
    *(
        asks(f"invalid: {name}", text, LIMIT | {Code.BAD_USER_INPUT})
        for name, text in INVALID_DOCUMENTS.items()
    ),
    *(asks(f"bomb: {name}", text, LIMIT) for name, text in BOMBS.items()),
    *(asks(f"odd: {name}", text, PROPER, EITHER) for name, text in HARMLESS.items()),
    asks("a plain question", "{ fruits { id } }", PROPER, ANSWERED),
]
