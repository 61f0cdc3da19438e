"""Tokens that nobody must believe, at every door; and streams asked for with nonsense."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from bff.graph.codes import Code
from tests.hostile.attacks import ANSWERED, EITHER, PROPER, Attack, SocketAttack, request
from tests.hostile.corpus_sockets import WATCH
from tests.hostile.corpus_wire import BODY
from tests.hostile.forged import SECRET_TOKENS

UNAUTHORIZED = frozenset({401})
REFUSED_SO = frozenset({Code.UNAUTHENTICATED})
STREAM = "text/event-stream"
MULTIPART = "multipart/mixed;subscriptionSpec=1.0, application/json"
WATCHING = f'{{"query": "{WATCH}"}}'.encode()


def place(name: str) -> str:
    """Where a forged token goes."""
    return f"<TOKEN: {name}>"


def doors(name: str, authorization: str) -> list[Attack]:
    """The same at each door of HTTP."""
    headers: dict[str, Mapping[str, str]] = {
        "POST": {},
        "SSE": {"accept": STREAM},
        "multipart": {"accept": MULTIPART},
    }
    question = f"/graphql?query={quote('{ __typename }')}"
    get = request(
        b"", {"authorization": authorization, "content-length": None}, method="GET", target=question
    )
    posts = {
        door: request(BODY if door == "POST" else WATCHING, {"authorization": authorization, **more})
        for door, more in headers.items()
    }
    return [
        Attack(f"{door}: token {name}", (sent,), UNAUTHORIZED, REFUSED_SO)
        for door, sent in {**posts, "GET": get}.items()
    ]


HEADERS: Final = {
    "Basic": "Basic Y3VzdG9tZXItMTpwYXNz",
    "Bearer alone": "Bearer",
    "Bearer twice": "Bearer Bearer x",
    "no scheme": "x",
    "two tokens": "Bearer a, Bearer b",
    "no ASCII": "Bearer 토큰",
    "30,000 letters": "Bearer " + "x" * 30_000,
    "a quoted token": 'Bearer "x"',
    "an empty header": "",
}

EVENT_IDS: Final = {
    "nonsense": "nonsense",
    "an operator": '{"$gt": ""}',
    "a line end, escaped": "a%0d%0aevent: evil",
    "2**64": str(2**64),
    "minus one": "-1",
    "60 KiB": "x" * 30_000,
    "of base64": "eyIkZ3QiOiAiIn0=",
    "no ASCII": "주문",
    "commas": ",,,," * 99,
    "a bare carriage return": "a\rx: y",
}

TOKENS: Final[list[Attack]] = [
    *(attack for name in SECRET_TOKENS for attack in doors(name, f"Bearer {place(name)}")),
    *(attack for name, value in HEADERS.items() for attack in doors(name, value)),
    *(
        Attack(
            f"SSE: Last-Event-ID {name}",
            (request(WATCHING, {"accept": STREAM, "last-event-id": value}),),
            EITHER,
            PROPER,
        )
        for name, value in EVENT_IDS.items()
    ),
    Attack("SSE: a question", (request(BODY, {"accept": STREAM}),), ANSWERED, PROPER),
    Attack("SSE: a document that is none", (request(b'{"query": "{"}', {"accept": STREAM}),), EITHER, PROPER),
    Attack("SSE: not JSON", (request(b"{", {"accept": STREAM}),), EITHER, PROPER),
    Attack(
        "SSE: another's order",
        (
            request(
                b'{"query": "subscription { orderStatus(orderId: \\"00000000-0000-4000'
                b'-8000-foreignorder\\") { id address } }"}',
                {"accept": STREAM},
            ),
        ),
        EITHER,
        PROPER,
    ),
    Attack(
        "SSE: by GET",
        (
            request(
                b"",
                {"accept": STREAM, "content-length": None},
                method="GET",
                target="/graphql?query=" + quote(WATCH),
            ),
        ),
        EITHER,
        PROPER,
    ),
    Attack(
        "SSE: a mutation by GET",
        (
            request(
                b"",
                {"accept": STREAM, "content-length": None},
                method="GET",
                target="/graphql?query=" + quote('mutation { cancelOrder(orderId: "x") { __typename } }'),
            ),
        ),
        EITHER,
        PROPER,
    ),
    Attack("SSE: a reservation (single connection mode)", (request(b"", {"accept": STREAM}, method="PUT"),)),
    Attack(
        "SSE: a stream's token of nonsense",
        (request(WATCHING, {"accept": STREAM, "x-graphql-event-stream-token": "../x"}),),
        EITHER,
        PROPER,
    ),
    Attack(
        "multipart: a boundary of one's own",
        (request(WATCHING, {"accept": 'multipart/mixed;boundary="\\r\\n--x";subscriptionSpec=9.9'}),),
        EITHER,
        PROPER,
    ),
    Attack(
        "multipart: a document that is none",
        (request(b'{"query": "{"}', {"accept": MULTIPART}),),
        EITHER,
        PROPER,
    ),
]

SOCKET_TOKENS: Final = [
    SocketAttack(f"socket: token {name}", ends=frozenset({4403}), init=place(name).encode())
    for name in SECRET_TOKENS
]
