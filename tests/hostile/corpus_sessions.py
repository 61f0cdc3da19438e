"""The session's door, and the cookie at all others: what is no token, and pages that are not ours."""

import json
from collections.abc import Mapping
from typing import Final

from bff.graph.codes import Code
from tests.hostile.attacks import ANSWERED, REFUSED, Attack, SocketAttack, request
from tests.hostile.corpus_bodies import NO_JSON
from tests.hostile.corpus_sockets import ends, said
from tests.hostile.corpus_tokens import REFUSED_SO, STREAM, UNAUTHORIZED, WATCHING, place
from tests.hostile.corpus_wire import BODY
from tests.hostile.forged import SECRET_TOKENS

FORBIDDEN: Final = frozenset({403})
MUTATION = b'{"query": "mutation { cancelOrder(orderId: \\"x\\") { __typename } }"}'

NO_TOKEN: Final = {
    "null": None,
    "a number": 7,
    "a list": ["x"],
    "an object": {"$ne": ""},
    "empty": "",
    "nonsense": "nonsense",
    "a scheme too many": "Bearer x",
    "a line end": "x\r\nset-cookie: fruitstore=y",
    "an attribute": "x; Domain=example.com",
    "Korean": "토큰",
    "a NUL": "x\0",
    "30,000 letters": "x" * 30_000,
}

FOREIGN: Final = {
    "evil": {"origin": "https://evil.example"},
    "null": {"origin": "null"},
    "a listed origin": {"origin": "https://shop.example"},
    "across sites": {"sec-fetch-site": "cross-site"},
    "a sibling": {"origin": "http://<HOST>", "sec-fetch-site": "same-site"},
    "our name and more": {"origin": "http://<HOST>.evil.example"},
    "nonsense": {"origin": "http://[::1"},
    "two origins in one": {"origin": "http://<HOST> https://evil.example"},
}

COOKIES: Final = {
    "nonsense": "fruitstore=nonsense",
    "empty": "fruitstore=",
    "two": "fruitstore=<TOKEN>; fruitstore=x",
    "two, of which one is good": "fruitstore=x; fruitstore=<TOKEN>",
    "quoted": 'fruitstore="<TOKEN>"',
    "30,000 letters": "fruitstore=" + "x" * 30_000,
    "no ASCII": "fruitstore=토큰",
    "a token of the scheme": "fruitstore=Basic x",
    "ten thousand": "fruitstore=x;" * 3000,
    **{f"token {name}": f"fruitstore={place(name)}" for name in SECRET_TOKENS},
}


def to_session(
    name: str,
    body: bytes,
    headers: Mapping[str, str | None] = {},
    statuses: frozenset[int] = REFUSED,
    method: str = "POST",
) -> Attack:
    """What is sent to /session by somebody who has nothing but what is said."""
    whole = request(body, {"authorization": None, **headers}, target="/session", method=method)
    return Attack(f"session: {name}", (whole,), statuses)


def by_cookie(
    name: str, cookie: str, statuses: frozenset[int] = UNAUTHORIZED, **headers: str
) -> list[Attack]:
    """The same cookie for a question, a command and a stream."""
    asked = {"question": BODY, "command": MUTATION, "stream": WATCHING}
    accepts = {"accept": STREAM}
    return [
        Attack(
            f"cookie: {name}, {what}",
            (request(body, {"authorization": None, "cookie": cookie, **headers, **more}),),
            statuses,
            REFUSED_SO,
        )
        for what, body in asked.items()
        for more in [accepts if what == "stream" else {}]
    ]


SESSIONS: Final[list[Attack]] = [
    *(to_session(f"JSON: {name}", body) for name, body in NO_JSON.items()),
    *(to_session(f"token {name}", json.dumps({"token": token}).encode()) for name, token in NO_TOKEN.items()),
    to_session("no object", b"[]"),
    to_session("nothing in it", b"{}"),
    to_session("a form", b"token=x", {"content-type": "application/x-www-form-urlencoded"}),
    to_session("plain text", b'{"token": "x"}', {"content-type": "text/plain"}),
    to_session("two types", b'{"token": "x"}', {"content-type": "text/plain, application/json"}),
    to_session("too much", b'{"token": "' + b"x" * 100_000 + b'"}'),
    *(
        to_session(f"{method} from {name}", body, {**page, "cookie": "fruitstore=<TOKEN>"}, FORBIDDEN, method)
        for name, page in FOREIGN.items()
        for method, body in (("POST", b'{"token": "x"}'), ("DELETE", b""))
    ),
    *(
        to_session(f"GET with {name}", b"", {"cookie": cookie, "content-length": None}, ANSWERED, "GET")
        for name, cookie in COOKIES.items()
    ),
    to_session("PUT", b"{}", method="PUT"),
    *(attack for name, cookie in COOKIES.items() for attack in by_cookie(name, cookie)),
    *(
        attack
        for name, page in FOREIGN.items()
        for attack in by_cookie(f"good, from {name}", "fruitstore=<TOKEN>", ANSWERED, **page)
        if "question" not in attack.name
    ),
    Attack(
        "cookie: good, beside a bad token",
        (request(BODY, {"authorization": "Bearer x", "cookie": "fruitstore=<TOKEN>"}),),
        UNAUTHORIZED,
        frozenset({Code.UNAUTHENTICATED}),
    ),
]

SOCKET_COOKIES: Final[list[SocketAttack]] = [
    *(
        ends(
            f"cookie: good, handshake from {name}",
            {4403, 1008},
            said(type="connection_init"),
            init=None,
            headers="".join(f"{key}: {value}\r\n" for key, value in page.items()).encode()
            + b"cookie: fruitstore=<TOKEN>\r\n",
            statuses=REFUSED,
        )
        for name, page in FOREIGN.items()
    ),
]
