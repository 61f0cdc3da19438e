"""Bodies that are no GraphQL request: no JSON, no object, or an object of the wrong things."""

import json
from typing import Final

from bff.graph.codes import Code
from tests.hostile.attacks import ANSWERED, EITHER, PROPER, REFUSED, Attack, asks, post

LIMIT_BYTES = 64 * 1024
SMALL = {"query": "{ __typename }"}
TOO_LARGE = frozenset({Code.BODY_TOO_LARGE})


def _sized(size: int) -> bytes:
    """A good request of so many bytes."""
    empty = len(json.dumps({**SMALL, "extensions": {"x": ""}}))
    return json.dumps({**SMALL, "extensions": {"x": "x" * (size - empty)}}).encode()


NO_JSON: Final = {
    "nothing": b"",
    "a blank": b" ",
    "an open brace": b"{",
    "a closing brace": b"}",
    "half a string": b'{"query": "{ __typename',
    "single quotes": b"{'query': '{ __typename }'}",
    "names without quotes": b'{query: "{ __typename }"}',
    "a comma too many": b'{"query": "{ __typename }",}',
    "a comment": b'{"query": "{ __typename }"} // no',
    "two objects": b'{"query": "{ __typename }"}{"query": "{ __typename }"}',
    "a NUL after it": b'{"query": "{ __typename }"}\0',
    "a raw newline in a string": b'{"query": "{\n__typename }"}',
    "a raw NUL in a string": b'{"query": "{ __typename }\0"}',
    "NaN": b'{"query": "{ __typename }", "variables": {"x": NaN}}',
    "Infinity": b'{"query": "{ __typename }", "variables": {"x": -Infinity}}',
    "a number with a leading zero": b'{"query": "{ __typename }", "variables": {"x": 01}}',
    "a plus": b'{"query": "{ __typename }", "variables": {"x": +1}}',
    "hexadecimal": b'{"query": "{ __typename }", "variables": {"x": 0x10}}',
    "a wrong escape": b'{"query": "\\x41"}',
    "half a character, high": b'{"query": "\\ud800"}',
    "half a character, low": b'{"query": "\\udc00"}',
    "half a character in a name": b'{"query": "{ __typename }", "\\ud800": 1}',
    "half a character in a variable": b'{"query": "{ __typename }", "variables": {"x": "\\udfff"}}',
    "no UTF-8": b'{"query": "\xff\xfe"}',
    "overlong UTF-8": b'{"query": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"query": "\xed\xa0\x80"}',
    "UTF-8 cut short": '{"query": "김"}'.encode()[:-4],
    "beyond Unicode": b'{"query": "\xf4\x90\x80\x80"}',
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(SMALL).encode(),
    "UTF-16": json.dumps(SMALL).encode("utf-16"),
    "UTF-16 without its mark": json.dumps(SMALL).encode("utf-16-le"),
    "UTF-32": json.dumps(SMALL).encode("utf-32"),
    "EUC-KR": '{"query": "{ 사과 }"}'.encode("euc-kr"),
    "lists without end": b"[" * 60_000,
    "objects without end": b'{"a":' * 12_000,
    "30,000 lists in one another": b"[" * 30_000 + b"]" * 30_000,
    "XML": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "a form": b"query=%7B+__typename+%7D",
    "a pickle": b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
    "gzip without saying so": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
}

NO_REQUEST: Final = {
    "null": b"null",
    "true": b"true",
    "zero": b"0",
    "a string": b'"{ __typename }"',
    "a list": b"[]",
    "a batch of one": b'[{"query": "{ __typename }"}]',
    "a batch of a thousand": json.dumps([SMALL] * 1000).encode(),
    "an empty object": b"{}",
    "no query": b'{"variables": {}}',
    "query null": b'{"query": null}',
    "query empty": b'{"query": ""}',
    "query a number": b'{"query": 1}',
    "query a list": b'{"query": ["{ __typename }"]}',
    "query an object": b'{"query": {"$ne": null}}',
    "query true": b'{"query": true}',
    "variables a list": b'{"query": "{ __typename }", "variables": []}',
    "variables a string": b'{"query": "{ __typename }", "variables": "{}"}',
    "variables a number": b'{"query": "{ __typename }", "variables": 1}',
    "operationName a number": b'{"query": "{ __typename }", "operationName": 1}',
    "operationName a list": b'{"query": "{ __typename }", "operationName": ["a"]}',
    "extensions a list": b'{"query": "{ __typename }", "extensions": []}',
    "extensions a string": b'{"query": "{ __typename }", "extensions": "x"}',
    "operationName of nothing": b'{"query": "query A { __typename }", "operationName": "B"}',
    "operationName of a fragment": b'{"query": "query A { ...F } fragment F on Query { __typename }",'
    b' "operationName": "F"}',
    "operationName of 60 KiB": json.dumps({**SMALL, "operationName": "x" * 60_000}).encode(),
    "operationName __proto__": json.dumps({**SMALL, "operationName": "__proto__"}).encode(),
    "two operations and no name": b'{"query": "query A { __typename } query B { __typename }"}',
}

BODIES: Final[list[Attack]] = [
    *(post(f"body: {name}", body) for name, body in NO_JSON.items()),
    *(post(f"body: {name}", body) for name, body in NO_REQUEST.items()),
    post("body: at the limit", _sized(LIMIT_BYTES), PROPER, ANSWERED),
    post("body: a byte over the limit", _sized(LIMIT_BYTES + 1), TOO_LARGE),
    post("body: twice the limit", _sized(2 * LIMIT_BYTES), TOO_LARGE),
    post("body: four mebibytes", _sized(4 * 2**20), TOO_LARGE),
    post(
        "body: the same name twice",
        b'{"query": "{ __typename }", "query": "{ fruits { id } }"}',
        PROPER,
        EITHER,
    ),
    post(
        "body: ten thousand names",
        json.dumps({**SMALL, **{f"n{n}": n for n in range(6000)}}).encode(),
        PROPER,
        EITHER,
    ),
    post(
        "body: a number of 60,000 digits",
        b'{"query": "{ __typename }", "variables": {"x": ' + b"9" * 60_000 + b"}}",
        PROPER,
        EITHER,
    ),
    post(
        "body: a fraction of 60,000 digits",
        b'{"query": "{ __typename }", "variables": {"x": 0.' + b"9" * 60_000 + b"}}",
        PROPER,
        EITHER,
    ),
    post("body: 1e400", b'{"query": "{ __typename }", "variables": {"x": 1e400}}', PROPER, EITHER),
    asks(
        "body: lists 200 deep in extensions",
        "{ __typename }",
        statuses=EITHER,
        extensions=json.loads('{"x":' + "[" * 200 + "]" * 200 + "}"),
    ),
    asks(
        "body: lists 900 deep in variables",
        "{ __typename }",
        statuses=EITHER,
        variables=json.loads('{"x":' + "[" * 900 + "]" * 900 + "}"),
    ),
    asks("body: __proto__", "{ __typename }", statuses=EITHER, __proto__={"query": "x"}),
    asks(
        "body: the price of nonsense",
        "{ __typename }",
        statuses=EITHER,
        extensions={"cost": {"$gt": ""}, "price": [1], "tracing": "x"},
    ),
    post("body: not JSON, of nobody", b"{", headers={"authorization": None}),
    post(
        "body: a form as a form",
        b"query=%7B+__typename+%7D",
        frozenset({Code.UNSUPPORTED_MEDIA_TYPE, Code.BAD_REQUEST}),
        REFUSED,
        {"content-type": "application/x-www-form-urlencoded"},
    ),
]
