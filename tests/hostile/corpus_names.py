"""Documents that are named instead of sent, and pages of elsewhere."""

from typing import Any, Final

from bff.graph.codes import Code
from tests.hostile.attacks import EITHER, PROPER, REFUSED, Attack, asks, post, request
from tests.hostile.corpus_wire import BODY

UNKNOWN = frozenset(
    {
        Code.PERSISTED_QUERY_NOT_FOUND,
        Code.PERSISTED_QUERY_NOT_SUPPORTED,
        Code.BAD_REQUEST,
        Code.UNTRUSTED_DOCUMENT,
    }
)

IDS: Final[dict[str, Any]] = {
    "empty": "",
    "of letters": "nonsense",
    "an operator": {"$ne": ""},
    "a number": 1,
    "a path": "../../etc/passwd",
    "a NUL": "a\0",
    "right to left": "\u202esha256",
    "60,000 letters": "x" * 60_000,
    "of nothing": "sha256:" + "0" * 64,
    "a list": ["x"],
}

ORIGINS: Final = [
    *("https://evil.example", "null", "http://127.0.0.1.evil.example", "https://shop.example.evil.example"),
    *("file://", "chrome-extension://abcdef", "x" * 3000, "https://evil.example\t", "http://[::1"),
]

NAMED: Final[list[Attack]] = [
    *(
        asks(f"documentId: {name}", "", UNKNOWN | {Code.BAD_REQUEST}, documentId=value)
        for name, value in IDS.items()
    ),
    *(
        post(f"sha256Hash: {name}", _hashed, UNKNOWN)
        for name, _hashed in (
            ("of nothing", b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "00"}}}'),
            ("a number", b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": 1}}}'),
            (
                "of another version",
                b'{"extensions": {"persistedQuery": {"version": 99, "sha256Hash": "00"}}}',
            ),
            ("no object", b'{"extensions": {"persistedQuery": "x"}}'),
            ("null", b'{"extensions": {"persistedQuery": null}}'),
            ("a list", b'{"extensions": {"persistedQuery": [1]}}'),
            (
                "a document id as well",
                b'{"documentId": "a", "extensions": {"persistedQuery": {"sha256Hash": "b"}}}',
            ),
        )
    ),
    asks(
        "sha256Hash: of another document",
        "{ __typename }",
        PROPER,
        EITHER,
        extensions={"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}},
    ),
    *(
        Attack(f"origin: {origin[:50]}", (request(BODY, {"origin": origin}),), EITHER, PROPER)
        for origin in ORIGINS
    ),
    *(
        Attack(
            f"preflight: {origin[:50]}",
            (
                request(
                    b"",
                    {
                        "origin": origin,
                        "access-control-request-method": "POST",
                        "authorization": None,
                        "access-control-request-headers": "authorization",
                    },
                    method="OPTIONS",
                ),
            ),
            EITHER | {204},
        )
        for origin in ORIGINS
    ),
    Attack(
        "preflight: of nonsense",
        (
            request(
                b"",
                {
                    "origin": "https://shop.example",
                    "access-control-request-method": "STEAL",
                    "access-control-request-headers": "x" * 4000,
                },
                method="OPTIONS",
            ),
        ),
        EITHER | {204},
    ),
    Attack(
        "origin: two",
        (request(BODY, {"origin": "https://shop.example, https://evil.example"}),),
        EITHER | REFUSED,
        PROPER,
    ),
]
