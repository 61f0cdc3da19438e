"""What a hostile request is: bytes with a name, and which answers to them are acceptable."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bff.graph.codes import Code

ANSWERED = frozenset({200})
REFUSED = frozenset(range(400, 500))
EITHER = ANSWERED | REFUSED
BAD_REQUEST = frozenset({400})

TOO_MANY = frozenset({Code.RATE_LIMITED, Code.TOO_MANY_CONNECTIONS, Code.TOO_MANY_SUBSCRIPTIONS})
"""What may be said to whoever comes too often, where that is counted."""

PROPER = frozenset(Code) - {Code.INTERNAL_SERVER_ERROR, Code.SERVICE_UNAVAILABLE}
"""What an answer may say while everything works."""

HOST, TOKEN = b"<HOST>", b"<TOKEN>"
"""Places in an attack that are filled in when it is made."""

FOREIGN_ORDER = "00000000-0000-4000-8000-foreignorder"
"""Likewise: another customer's order. As long as an order's id is, so that lengths stay true."""


@dataclass(frozen=True)
class Attack:
    """Bytes sent over TCP. Between the pieces is a pause, in seconds.

    `codes` are those that an error may carry; where there are none, the answer need not be GraphQL.
    `replies` are awaited; where `may_hang_up`, the connection may end without any.
    """

    name: str
    pieces: tuple[bytes, ...]
    statuses: frozenset[int] = REFUSED
    codes: frozenset[str] = frozenset()
    pause: float = 0
    half_close: bool = False
    replies: int = 1
    may_hang_up: bool = False
    leaves: bool = False
    """Does not wait for any answer."""
    head_only: bool = False


@dataclass(frozen=True)
class SocketAttack:
    """Frames sent over a WebSocket, after a connection_init with the token `init`, where there is one.

    `ends` are the close codes with which it may be ended. With none of them, it must go on as if nothing had
    been. A handshake may be answered with one of `statuses` instead.
    """

    name: str
    frames: tuple[bytes, ...] = ()
    ends: frozenset[int] = frozenset()
    init: bytes | None = TOKEN
    protocol: bytes | None = b"graphql-transport-ws"
    headers: bytes = b""
    statuses: frozenset[int] = frozenset()
    codes: frozenset[str] = PROPER
    may_go_on: bool = False
    leaves: bool = False
    reads: bool = True
    floods: bool = False
    """More than is read at once: where frames are counted, it takes its time."""


JSON_HEADERS = {
    "content-type": "application/json",
    "accept": "application/graphql-response+json",
    "authorization": f"Bearer {TOKEN.decode()}",
}


def request(
    body: bytes = b"",
    headers: Mapping[str, str | None] = {},
    *,
    method: str = "POST",
    target: str = "/graphql",
    length: int | None = None,
) -> bytes:
    """A well-formed request of somebody signed in; a header that is None is left out."""
    every: dict[str, str | None] = {**JSON_HEADERS, "content-length": str(length or len(body)), **headers}
    lines = [f"{name}: {value}\r\n" for name, value in every.items() if value is not None]
    first = f"{method} {target} HTTP/1.1\r\n".encode() + b"host: " + HOST + b"\r\n"
    return first + "".join(lines).encode("utf-8", "surrogateescape") + b"\r\n" + body


def post(
    name: str,
    body: bytes,
    codes: frozenset[str] = frozenset({Code.BAD_REQUEST}),
    statuses: frozenset[int] = REFUSED,
    headers: Mapping[str, str | None] = {},
) -> Attack:
    """A body, sent as it should be."""
    return Attack(name, (request(body, headers),), statuses, codes)


def asks(
    name: str,
    query: str,
    codes: frozenset[str] = PROPER,
    statuses: frozenset[int] = REFUSED,
    *,
    headers: Mapping[str, str | None] = {},
    **parameters: object,
) -> Attack:
    """An operation, sent as it should be."""
    return post(name, json.dumps({"query": query, **parameters}).encode(), codes, statuses, headers)


@dataclass(frozen=True)
class Scene:
    """Where an attack is made: what stands in for the places in it."""

    port: int
    places: Mapping[bytes, bytes] = field(repr=False)
    counted: bool = False
    """Whether it matters here how often somebody comes."""

    def filled(self, data: bytes) -> bytes:
        """The bytes, as they are sent."""
        if b"<" not in data and FOREIGN_ORDER.encode() not in data:
            return data
        for place, meant in self.places.items():
            data = data.replace(place, meant)
        return data
