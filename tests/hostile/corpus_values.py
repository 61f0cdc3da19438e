"""Values that are wrong: variables, names of orders, cursors, addresses, keys."""

import json
from typing import Any, Final

from bff.graph.codes import Code
from tests.hostile.attacks import EITHER, FOREIGN_ORDER, PROPER, Attack, asks, post

BAD_INPUT = frozenset({Code.BAD_USER_INPUT, Code.PAGE_TOO_LARGE, Code.COST_TOO_HIGH, Code.BAD_REQUEST})

FIRST = "query ($v: Int) { myOrders(first: $v) { edges { cursor node { id address } } } }"
AFTER = "query ($v: String) { myOrders(after: $v) { edges { cursor node { id address } } } }"
ORDER = "query ($v: ID!) { order(id: $v) { id address } }"
FILTER = "query ($v: OrderFilter) { myOrders(filter: $v) { edges { node { id address } } } }"
CANCEL = (
    "mutation ($v: ID!) { cancelOrder(orderId: $v) { __typename ... on OrderCanceled { order { id } } } }"
)
PLACE = "mutation ($v: PlaceOrderInput!) { placeOrder(input: $v) { __typename } }"
APPLE = {"fruitId": "apple", "quantity": 1, "address": "서울"}

NO_INTS: Final[dict[str, Any]] = {
    "a string": "20",
    "a fraction": 0.5,
    "a list": [1],
    "an object": {"$gt": 0},
    "true": True,
    "2**31": 2**31,
    "-2**31-1": -(2**31) - 1,
    "2**53+1": 2**53 + 1,
    "2**64-1": 2**64 - 1,
    "minus one": -1,
    "zero": 0,
    "1e9": 10**9,
    "51": 51,
}
NO_NUMBERS_OF_JSON: Final = {
    "1e400": "1e400",
    "-1e400": "-1e400",
    "2**64": str(2**64),
    "400 digits": "9" * 400,
}

NAMES: Final[dict[str, Any]] = {
    "empty": "",
    "a blank": " ",
    "an operator": {"$ne": None},
    "a regular expression": {"$regex": ".*"},
    "an operator in text": '{"$gt": ""}',
    "a list": ["x"],
    "true": True,
    "a fraction": 1.5,
    "negative zero": -0.0,
    "2**64-1": 2**64 - 1,
    "null": None,
    "a NUL": "a\0b",
    "a newline": "a\r\nx-injected: yes",
    "text from right to left": "\u202eredro",
    "no width at all": "\u200b\ufeff",
    "characters beyond the first plane": "𝒪𝓇𝒹𝑒𝓇 🍎",
    "combining characters": "e" + "\u0301" * 2000,
    "a path": "../../orders/1",
    "a path, encoded": "..%2f..%2fpayments",
    "a query": "x?customer_id=customer-2",
    "a fragment": "x#y",
    "a slash": "/",
    "a dollar": "$where",
    "a dot": "a.b.$[]",
    "JavaScript": "';sleep(5000);'",
    "a template": "${7*7}{{7*7}}#{7*7}",
    "another's": FOREIGN_ORDER,
    "another's in capitals": FOREIGN_ORDER.upper(),
    "another's with a blank": FOREIGN_ORDER + " ",
    "1,000 letters": "x" * 1000,
    "60,000 letters": "x" * 60_000,
}

CURSORS: Final = {
    "of base64": "eyJpZCI6ICIxIn0=",
    "an operator in base64": "eyIkZ3QiOiAiIn0=",
    "half of base64": "eyJ",
    "a NUL in base64": "AAAA",
    "a moment beyond all times": "WyI5OTk5OS0wMS0wMVQwMDowMDowMFoiLCAieCJd",
    "a moment without a zone": "MjAyNi0wMS0wMVQwMDowMDowMHx4",
    "nested lists in base64": "W1tbW1tbW1tbW1tbW1tbW1tbW1tbXV1dXV1dXV1dXV1dXV1dXV1dXV0=",
    "no UTF-8 in base64": "//79/A==",
    "base64 with line ends": "eyJp\r\nZCI6ICIxIn0=",
}

ORDERS: Final[dict[str, Any]] = {
    "a fruit that is an operator": {**APPLE, "fruitId": {"$ne": ""}},
    "a fruit that nobody sells": {**APPLE, "fruitId": "$where"},
    "a fruit with a NUL": {**APPLE, "fruitId": "apple\0"},
    "a fruit of 60,000 letters": {**APPLE, "fruitId": "x" * 60_000},
    "none at all": {**APPLE, "quantity": 0},
    "less than none": {**APPLE, "quantity": -5},
    "more than there is": {**APPLE, "quantity": 2**31 - 1},
    "more than can be counted": {**APPLE, "quantity": 2**40},
    "half a fruit": {**APPLE, "quantity": 0.5},
    "an empty address": {**APPLE, "address": ""},
    "an address of blanks": {**APPLE, "address": "\u3000\u200b "},
    "an address with a NUL": {**APPLE, "address": "\0"},
    "an address of 60,000 letters": {**APPLE, "address": "서" * 20_000},
    "an address that turns": {**APPLE, "address": "\u202eevil\u2066"},
    "an empty key": {**APPLE, "idempotencyKey": ""},
    "a key with a NUL": {**APPLE, "idempotencyKey": "a\0"},
    "a key of 60,000 letters": {**APPLE, "idempotencyKey": "x" * 60_000},
    "a key that is an operator": {**APPLE, "idempotencyKey": {"$exists": True}},
    "a key of another's": {**APPLE, "idempotencyKey": "the key of customer-2"},
    "a way to pay with a NUL": {**APPLE, "paymentMethod": "card-ok\0"},
    "a way to pay of 60,000 letters": {**APPLE, "paymentMethod": "x" * 60_000},
    "a way to pay that is null": {**APPLE, "paymentMethod": None},
    "a price of one's own": {**APPLE, "unitPrice": 1, "amount": 1},
    "somebody else's name": {**APPLE, "customerId": "customer-2"},
    "__proto__": {**APPLE, "__proto__": {"quantity": 9}},
    "a list": [APPLE],
    "a word": "apple",
    "nothing": None,
}

FILTERS: Final[dict[str, Any]] = {
    "an operator": {"$where": "sleep(1000)"},
    "an operator for a status": {"status": {"$ne": "PAID"}},
    "a status of no such value": {"status": ["STOLEN"]},
    "a status in lower case": {"status": ["paid"]},
    "a status that is a number": {"status": [1]},
    "nulls": {"status": [None]},
    "5,000 times the same": {"status": ["PAID"] * 5000},
    "a list of lists": {"status": [[["PAID"]]]},
    "somebody else's": {"customerId": "customer-2"},
}


def _raw(name: str, query: str, value: str) -> Attack:
    body = f'{{"query": {json.dumps(query)}, "variables": {{"v": {value}}}}}'.encode()
    return post(name, body, PROPER, EITHER)


VALUES: Final[list[Attack]] = [
    *(asks(f"first: {name}", FIRST, BAD_INPUT, EITHER, variables={"v": v}) for name, v in NO_INTS.items()),
    *(_raw(f"first: {name}", FIRST, value) for name, value in NO_NUMBERS_OF_JSON.items()),
    *(_raw(f"order: {name}", ORDER, value) for name, value in NO_NUMBERS_OF_JSON.items()),
    _raw("order: half a character", ORDER, '"\\ud83d"'),
    *(asks(f"order: {n}", ORDER, PROPER, EITHER, variables={"v": v}) for n, v in NAMES.items()),
    *(asks(f"cancel: {n}", CANCEL, PROPER, EITHER, variables={"v": v}) for n, v in NAMES.items()),
    *(asks(f"after: {n}", AFTER, BAD_INPUT, EITHER, variables={"v": v}) for n, v in NAMES.items()),
    *(asks(f"after: {n}", AFTER, BAD_INPUT, EITHER, variables={"v": v}) for n, v in CURSORS.items()),
    *(asks(f"filter: {n}", FILTER, PROPER, EITHER, variables={"v": v}) for n, v in FILTERS.items()),
    *(asks(f"place: {n}", PLACE, PROPER, EITHER, variables={"v": v}) for n, v in ORDERS.items()),
    asks("a variable nobody declared", "{ __typename }", PROPER, EITHER, variables={"$where": "x"}),
    asks("a variable that is missing", ORDER, BAD_INPUT),
    asks(
        "6,000 variables nobody declared",
        ORDER,
        PROPER,
        EITHER,
        variables={"v": "x", **{f"v{n}": n for n in range(5000)}},
    ),
]
