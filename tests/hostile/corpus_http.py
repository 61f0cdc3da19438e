"""HTTP that keeps the rules of the wire, and no others: types, encodings, methods, headers, addresses."""

import gzip
import json
import zlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from bff.graph.codes import Code
from tests.hostile.attacks import (
    ANSWERED,
    EITHER,
    PROPER,
    REFUSED,
    Attack,
    request,
)
from tests.hostile.corpus_wire import ANY, BODY

MUTATION = 'mutation { cancelOrder(orderId: "x") { __typename } }'
UNSUPPORTED = frozenset({Code.UNSUPPORTED_MEDIA_TYPE, Code.BAD_REQUEST, Code.BODY_TOO_LARGE})


def sent(
    name: str,
    headers: Mapping[str, str | None],
    body: bytes = BODY,
    statuses: frozenset[int] = EITHER,
    codes: frozenset[str] = PROPER,
) -> Attack:
    """A request with other headers."""
    return Attack(f"header: {name}", (request(body, headers),), statuses, codes)


def get(name: str, query: str, statuses: frozenset[int] = EITHER, codes: frozenset[str] = PROPER) -> Attack:
    """A question in the address."""
    whole = request(b"", {"content-length": None}, method="GET", target=f"/graphql?{query}")
    return Attack(f"GET: {name}", (whole,), statuses, codes)


KINDS: Final = [
    "text/plain",
    "text/html",
    "application/graphql",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/x-www-form-urlencoded",
    "application/json-patch+json",
    "json",
    "*/*",
    "",
    ";",
    "application/json\x00",
    "application/" + "x" * 5000,
]
CHARSETS: Final = ["utf-16", "euc-kr", "latin1", "utf-7", '"utf-8', "x" * 2000, "utf-8; charset=utf-16"]
ENCODINGS: Final = {
    "gzip": gzip.compress(BODY),
    "a gzip bomb": gzip.compress(b"[" * 30_000_000),
    "a gzip that is none": b"gzip",
    "deflate": zlib.compress(BODY),
    "br": BODY,
    "zstd": BODY,
    "identity, gzip": gzip.compress(BODY),
    "aes128gcm": BODY,
}
ACCEPTS: Final = [
    "text/html",
    "image/png",
    "*/*;q=0",
    "application/json;q=0",
    ",,,,",
    "a/b" * 900,
    "application/json;q=NaN",
    "text/event-stream;q=0.1, application/json;q=1e400",
    "multipart/mixed",
    "text/event-stream",
    "application/*",
    ", ".join(f"a/b{n};q=0.{n}" for n in range(500)),
]
METHODS: Final = ["PUT", "DELETE", "PATCH", "OPTIONS", "QUERY", "SEARCH", "PROPFIND", "TRACE"]


HTTP: Final[list[Attack]] = [
    *(
        sent(f"content-type {kind[:40]!r}", {"content-type": kind}, statuses=REFUSED, codes=UNSUPPORTED)
        for kind in KINDS
        if "\x00" not in kind
    ),
    sent("no content-type", {"content-type": None}, statuses=REFUSED, codes=UNSUPPORTED),
    *(
        sent(f"charset {charset[:30]}", {"content-type": f"application/json; charset={charset}"})
        for charset in CHARSETS
    ),
    *(
        sent(
            f"content-encoding {name}",
            {"content-encoding": name.removeprefix("a ").split(" ")[0]},
            body,
            statuses=REFUSED,
            codes=UNSUPPORTED,
        )
        for name, body in ENCODINGS.items()
        if name not in {"br", "zstd"}
    ),
    *(sent(f"accept {accept[:30]}", {"accept": accept}) for accept in ACCEPTS),
    sent(
        "forged addresses",
        {
            "x-forwarded-for": "127.0.0.1, ::1",
            "x-real-ip": "10.0.0.1",
            "forwarded": "for=_hidden;by=x",
            "x-forwarded-host": "evil.example",
        },
    ),
    sent("5,000 forged addresses", {"x-forwarded-for": ", ".join(["10.0.0.1"] * 2000)}),
    sent("a forged address that is none", {"x-forwarded-for": "'; drop table --\t\x7f"}),
    sent(
        "Accept-Language of nonsense",
        {"accept-language": "xx-" + "y" * 3000 + ";q=NaN, *;q=2, ko;q=-1,,,;;;"},
    ),
    sent("a request id of one's own", {"x-request-id": "a" * 5000, "x-correlation-id": "<script>"}),
    sent(
        "a trace that is none",
        {
            "traceparent": "00-" + "0" * 32 + "-" + "0" * 16 + "-ff",
            "tracestate": "x" * 5000,
            "baggage": "a=" + "b" * 9000,
        },
    ),
    sent(
        "Apollo's headers",
        {
            "apollo-require-preflight": "x",
            "x-apollo-operation-name": "\x01",
            "apollographql-client-name": "x" * 3000,
        },
    ),
    sent("a consistency token that is none", {"x-consistency-token": "nonsense"}),
    sent("a consistency token of operators", {"x-consistency-token": '{"$gt": ""},,,' + "x," * 3000}),
    sent("a method in a header", {"x-http-method-override": "DELETE"}),
    *(
        Attack(f"method: {method}", (request(BODY, method=method),), ANY if method == "OPTIONS" else REFUSED)
        for method in METHODS
    ),
    Attack("method: HEAD", (request(b"", {"content-length": None}, method="HEAD"),), EITHER, head_only=True),
    get("a mutation", f"query={quote(MUTATION)}", REFUSED),
    get(
        "a mutation, picked by name",
        f"query={quote('query A { __typename } mutation B { __typename }')}&operationName=B",
        REFUSED,
    ),
    get("nothing", "", REFUSED),
    get("an empty query", "query=", REFUSED),
    get("two queries", f"query={quote('{ __typename }')}&query={quote(MUTATION)}"),
    get("variables that are no JSON", f"query={quote('{ __typename }')}&variables=nonsense", REFUSED),
    get("variables that are a list", f"query={quote('{ __typename }')}&variables=[]", REFUSED),
    get(
        "variables with half a character",
        f"query={quote('{ __typename }')}&variables={quote(json.dumps('x'))}%ED%A0%80",
        REFUSED,
    ),
    get(
        "variables nested without end",
        f"query={quote('{ __typename }')}&variables={'%7B%22a%22%3A' * 2000}",
        REFUSED,
    ),
    get("extensions that are no JSON", f"query={quote('{ __typename }')}&extensions=%7B", REFUSED),
    get("a query that is no UTF-8", "query=%ff%fe%c0%80", REFUSED),
    get("a query of 60 KiB", "query=" + quote("{ " + "__typename " * 5000 + "}"), REFUSED),
    get("10,000 parameters", "&".join(f"a{n}=b" for n in range(9000)), REFUSED),
    get("a subscription", f"query={quote('subscription { myOrderUpdates { id } }')}", REFUSED),
    get("an open percent", "query=%7B%20__typename%", REFUSED | ANSWERED),
]
