"""WebSockets on which the rules are broken: WebSocket's own, and those of graphql-transport-ws."""

import json
import struct
from typing import Any, Final

from tests.hostile.attacks import FOREIGN_ORDER, REFUSED, SocketAttack
from tests.hostile.corpus_documents import BOMBS, chain, doubling
from tests.hostile.frames import WITHOUT_MASK, Opcode, close, frame, head

NO_FRAME, PROTOCOL_ERROR, NO_TEXT, TOO_BIG = 4400, 1002, 1007, 1009
MALFORMED = frozenset({NO_FRAME})
BROKEN = frozenset({PROTOCOL_ERROR})
WATCH = "subscription { myOrderUpdates { id version } }"


def said(**fields: Any) -> bytes:
    """A frame of the protocol."""
    return frame(Opcode.TEXT, json.dumps(fields).encode())


def text(data: str | bytes) -> bytes:
    """A text that may be anything."""
    return frame(Opcode.TEXT, data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)


def subscribe(name: object = "1", query: object = WATCH, **parameters: Any) -> bytes:
    """Begin an operation."""
    return said(type="subscribe", id=name, payload={"query": query, **parameters})


def ends(name: str, codes: frozenset[int] | set[int], *frames: bytes, **how: Any) -> SocketAttack:
    """What must end the connection."""
    return SocketAttack(f"socket: {name}", frames, frozenset(codes), **how)


def goes_on(name: str, *frames: bytes, **how: Any) -> SocketAttack:
    """What leaves the connection as it was."""
    return SocketAttack(f"socket: {name}", frames, **how)


def either(name: str, codes: set[int], *frames: bytes, **how: Any) -> SocketAttack:
    """What may end the connection, or leave it as it was."""
    return SocketAttack(f"socket: {name}", frames, frozenset(codes), may_go_on=True, **how)


SUBSCRIBE = '{"type": "subscribe", "id": "1", "payload": {%s}}'
NO_JSON: Final = {
    "nothing": "",
    "a brace": "{",
    "null": "null",
    "a number": "1",
    "a string": '"ping"',
    "a list": "[]",
    "a list of frames": '[{"type": "ping"}]',
    "an empty object": "{}",
    "NaN": '{"type": NaN}',
    "a byte order mark": '\ufeff{"type": "ping"}',
    "half a character": '{"type": "\\ud800"}',
    "30,000 lists": "[" * 30_000,
    "a NUL after it": '{"type": "ping"}\0',
    "no type": '{"id": "1"}',
    "type null": '{"type": null}',
    "type a list": '{"type": ["ping"]}',
    "type a number": '{"type": 1}',
    "type an object": '{"type": {"$ne": ""}}',
    "an unknown type": '{"type": "steal"}',
    "the old protocol's start": '{"type": "start", "id": "1", "payload": {"query": "{ __typename }"}}',
    "the old protocol's stop": '{"type": "stop", "id": "1"}',
    "the old protocol's end": '{"type": "connection_terminate"}',
    "a server's ack": '{"type": "connection_ack"}',
    "a server's next": '{"type": "next", "id": "1", "payload": {}}',
    "a server's error": '{"type": "error", "id": "1", "payload": []}',
    "PING": '{"type": "PING"}',
    "complete without id": '{"type": "complete"}',
    "complete with a number": '{"type": "complete", "id": 1}',
    "complete with null": '{"type": "complete", "id": null}',
    "subscribe alone": '{"type": "subscribe"}',
    "subscribe without id": '{"type": "subscribe", "payload": {"query": "{a}"}}',
    "subscribe without payload": '{"type": "subscribe", "id": "1"}',
    "subscribe with payload null": '{"type": "subscribe", "id": "1", "payload": null}',
    "subscribe with a list": '{"type": "subscribe", "id": "1", "payload": []}',
    "subscribe with a string": '{"type": "subscribe", "id": "1", "payload": "{ __typename }"}',
    "subscribe with nothing": '{"type": "subscribe", "id": "1", "payload": {}}',
    "subscribe, id a number": '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
    "subscribe, id an object": '{"type": "subscribe", "id": {}, "payload": {"query": "{ __typename }"}}',
    "subscribe, id null": '{"type": "subscribe", "id": null, "payload": {"query": "{ __typename }"}}',
    "query null": '{"type": "subscribe", "id": "1", "payload": {"query": null}}',
    "query a number": '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
    "query a list": '{"type": "subscribe", "id": "1", "payload": {"query": ["{ __typename }"]}}',
    "variables a list": SUBSCRIBE % '"query": "{ __typename }", "variables": []',
    "operationName a number": SUBSCRIBE % '"query": "{ __typename }", "operationName": 1',
    "extensions a string": SUBSCRIBE % '"query": "{ __typename }", "extensions": ""',
}

INITS: Final[dict[str, Any]] = {
    "a list": [],
    "a string": "Bearer x",
    "a number": 1,
    "true": True,
    "zero": 0,
    "an empty string": "",
}

NO_RIGHTS: Final[dict[str, Any]] = {
    "null": None,
    "empty": {},
    "authorization null": {"Authorization": None},
    "a list": {"Authorization": ["Bearer x"]},
    "an object": {"Authorization": {"$ne": ""}},
    "a number": {"authorization": 1},
    "Basic": {"Authorization": "Basic eDp5"},
    "empty text": {"Authorization": ""},
    "only Bearer": {"Authorization": "Bearer"},
    "two": {"Authorization": "Bearer a b"},
    "line ends": {"Authorization": "Bearer a\r\nx: y"},
    "a NUL": {"Authorization": "Bearer \0"},
    "50,000 letters": {"Authorization": "Bearer " + "x" * 50_000},
    "in Korean": {"Authorization": "Bearer 토큰"},
    "lists without end": {"Authorization": json.loads("[" * 400 + "]" * 400)},
    "in a header's place": {"headers": {"Authorization": "x"}},
}

BROKEN_FRAMES: Final = {
    "without a mask": frame(Opcode.TEXT, b'{"type": "ping"}', mask=WITHOUT_MASK),
    "a reserved bit": frame(Opcode.TEXT, b'{"type": "ping"}', rsv=2),
    "another reserved bit": frame(Opcode.TEXT, b'{"type": "ping"}', rsv=1),
    "compressed, which nobody agreed to": frame(
        Opcode.TEXT, b"\xaaV*\xa9,HU\xb2R*\xc8\xccKW\xaa\x05\x00", rsv=4
    ),
    "a reserved opcode": frame(3, b"x"),
    "a reserved control opcode": frame(11, b"x"),
    "a ping of 126 bytes": frame(Opcode.PING, b"x" * 126),
    "a ping in fragments": frame(Opcode.PING, b"x", fin=False),
    "a pong of 200 bytes": frame(Opcode.PONG, b"x" * 200),
    "a close of 200 bytes": frame(Opcode.CLOSE, struct.pack("!H", 1000) + b"x" * 198),
    "a close of one byte": frame(Opcode.CLOSE, b"\x03"),
    "a close with code 0": close(0),
    "a close with code 999": close(999),
    "a close with code 1005": close(1005),
    "a close with code 1006": close(1006),
    "a close with code 5000": close(5000),
    "a continuation of nothing": frame(Opcode.CONTINUATION, b"x"),
    "a text within a text": frame(Opcode.TEXT, b"{", fin=False) + frame(Opcode.TEXT, b"}"),
}

NO_UTF8: Final = {
    "noise": b"\xff\xfe\xfd",
    "overlong": b"\xc0\xaf",
    "a surrogate": b"\xed\xa0\x80",
    "cut short": "김".encode()[:-1],
    "beyond Unicode": b"\xf4\x90\x80\x80",
}

LARGE = b'{"type": "ping", "payload": {"x": "' + b"x" * 70_000 + b'"}}'
PING = said(type="ping")

RULES: Final[list[SocketAttack]] = [
    *(ends(f"text: {name}", MALFORMED, text(data)) for name, data in NO_JSON.items()),
    *(
        ends(f"init: {name}", MALFORMED, said(type="connection_init", payload=payload), init=None)
        for name, payload in INITS.items()
    ),
    *(
        ends(f"sign-in: {name}", {4403}, said(type="connection_init", payload=payload), init=None)
        for name, payload in NO_RIGHTS.items()
    ),
    *(ends(f"frame: {name}", BROKEN, data) for name, data in BROKEN_FRAMES.items()),
    *(
        ends(f"frame: {name}, before anybody signed in", BROKEN, data, init=None)
        for name, data in list(BROKEN_FRAMES.items())[:4]
    ),
    *(ends(f"UTF-8: {name}", {NO_TEXT}, text(data)) for name, data in NO_UTF8.items()),
    ends("UTF-8: in a close", {NO_TEXT, PROTOCOL_ERROR}, close(1000, b"\xff\xfe")),
    ends("binary", MALFORMED | {1003}, frame(Opcode.BINARY, b'{"type": "ping"}')),
    ends("binary, nothing", MALFORMED | {1003}, frame(Opcode.BINARY)),
    ends("too large", {TOO_BIG}, frame(Opcode.TEXT, LARGE)),
    ends(
        "too large, in fragments",
        {TOO_BIG},
        frame(Opcode.TEXT, LARGE[:40_000], fin=False) + frame(Opcode.CONTINUATION, LARGE[40_000:]),
    ),
    ends("too large, and only announced", {TOO_BIG}, head(0x81, 2**40) + b"\1\2\3\4"),
    ends(
        "a length with its highest bit set",
        {TOO_BIG, PROTOCOL_ERROR},
        struct.pack("!BBQ", 0x81, 0xFF, 2**63) + bytes(4),
    ),
    ends("too large, a mebibyte of it", {TOO_BIG}, frame(Opcode.TEXT, b"x" * 2**20)),
    ends(
        "100,000 empty fragments",
        {TOO_BIG, PROTOCOL_ERROR, NO_FRAME},
        frame(Opcode.TEXT, b"", fin=False)
        + frame(Opcode.CONTINUATION, b"", fin=False) * 20_000
        + frame(Opcode.CONTINUATION, b"x"),
        floods=True,
    ),
    ends("init, twice", {4429}, said(type="connection_init", payload={})),
    ends("init, ten times", {4429}, *[said(type="connection_init")] * 10),
    ends("subscribe before init", {4401}, subscribe(), init=None),
    ends("query before init", {4401}, subscribe(query="{ __typename }"), init=None),
    ends("two of one name", {4409}, subscribe(), subscribe()),
    ends("two of one name of 60,000 letters", {4409}, subscribe("x" * 60_000), subscribe("x" * 60_000)),
    ends("goodbye", {1000}, close(1000, b"bye")),
    ends("goodbye without a code", {1000, 1005}, frame(Opcode.CLOSE)),
    ends("goodbye, and more", {1000}, close(1000), PING * 50),
    ends("goodbye with a code of one's own", {4321}, close(4321, b"mine")),
    ends("subscribed, and goodbye", {1000}, subscribe(), close(1000)),
]

HANDSHAKES: Final[list[SocketAttack]] = [
    *(
        ends(f"protocol {protocol.decode()[:20]!r}", {4406}, protocol=protocol, init=None, statuses=REFUSED)
        for protocol in (b"graphql-ws", b"mqtt", b"graphql-sse", b"GRAPHQL-TRANSPORT-WS", b"x" * 3000)
    ),
    ends("no protocol", {4406}, protocol=None, init=None, statuses=REFUSED),
    *(
        ends(
            f"origin {origin.decode()[:40]}",
            {1008, 4403},
            init=None,
            headers=b"origin: " + origin + b"\r\n",
            statuses=REFUSED,
        )
        for origin in (
            b"https://evil.example",
            b"null",
            b"https://shop.example.evil.example",
            b"http://127.0.0.1.evil.example",
            b"http://127.0.0.1:1",
            b"//x",
            b"http://[::1",
            b"x" * 3000,
        )
    ),
    ends("a key that is none", {4406}, init=None, headers=b"sec-websocket-key: x\r\n", statuses=REFUSED),
    ends("version 7", {4406}, init=None, headers=b"sec-websocket-version: 7\r\n", statuses=REFUSED),
    ends(
        "a body", {4400, 4408, PROTOCOL_ERROR}, init=None, headers=b"content-length: 5\r\n", statuses=REFUSED
    ),
    goes_on(
        "extensions of nonsense",
        PING,
        headers=b"sec-websocket-extensions: x-steal; a=b, permessage-nonsense\r\n",
    ),
    goes_on("a page of our own", PING, headers=b"origin: http://<HOST>\r\n"),
    either(
        "a token in the handshake",
        {4403},
        PING,
        headers=b"authorization: Bearer nonsense\r\n",
        statuses=REFUSED,
    ),
]

CROWDS: Final[list[SocketAttack]] = [
    goes_on(
        "pings with nonsense",
        *(said(type="ping", payload=each) for each in ({}, {"x": [1]}, {"a": "b" * 9000})),
    ),
    either("a ping with a list", {NO_FRAME}, said(type="ping", payload=[1])),
    either("a pong with a word", {NO_FRAME}, said(type="pong", payload="x")),
    either("5,000 pings", {1008, 4429, NO_FRAME}, PING * 5000, floods=True),
    goes_on("2,000 pings of WebSocket's own", frame(Opcode.PING, b"x") * 2000, floods=True),
    goes_on("2,000 pongs nobody asked for", frame(Opcode.PONG, b"x" * 125) * 2000, floods=True),
    goes_on("2,000 completes of nothing", said(type="complete", id="nothing") * 2000, floods=True),
    goes_on("complete of a name of 60,000 letters", said(type="complete", id="x" * 60_000)),
    goes_on(
        "fragments of one letter",
        b"".join(
            [
                frame(Opcode.TEXT, b"{", fin=False),
                *(frame(Opcode.CONTINUATION, bytes([byte]), fin=False) for byte in b'"type": "ping"'),
                frame(Opcode.CONTINUATION, b"}"),
            ]
        ),
    ),
    goes_on(
        "a ping between fragments",
        frame(Opcode.TEXT, b'{"type": ', fin=False)
        + frame(Opcode.PING, b"x")
        + frame(Opcode.CONTINUATION, b'"ping"}'),
    ),
    either("2,000 subscribes", {1008, 4429}, *(subscribe(str(n)) for n in range(2000)), floods=True),
    either(
        "2,000 questions",
        {1008, 4429},
        *(subscribe(str(n), "{ __typename }") for n in range(2000)),
        floods=True,
    ),
    either(
        "1,000 begun and ended",
        {1008, 4429},
        *(subscribe(f"{n}") + said(type="complete", id=f"{n}") for n in range(1000)),
        floods=True,
    ),
    either(
        "one name, begun and ended 500 times",
        {1008, 4429},
        (subscribe() + said(type="complete", id="1")) * 500,
        floods=True,
    ),
    either("a name with nothing in it", {NO_FRAME}, subscribe("", "{ __typename }")),
    goes_on("a name with a NUL", subscribe("a\0", "{ __typename }")),
    goes_on("a name of 60,000 letters", subscribe("x" * 60_000, "{ __typename }")),
    goes_on("a document that is none", subscribe(query="{")),
    either("an empty document", {NO_FRAME}, subscribe(query="")),
    goes_on("fragments doubling 22 times", subscribe(query=doubling(22))),
    goes_on("a chain of 1,200 fragments", subscribe(query=chain(1200))),
    *(
        goes_on(f"bomb: {name}", subscribe(query=BOMBS[name]))
        for name in (
            "3,000 aliases",
            "400 directives",
            "introspection without end",
            "fields 3,000 deep",
            "1,000 variables",
        )
    ),
    goes_on(
        "another's order",
        subscribe(query=f'subscription {{ orderStatus(orderId: "{FOREIGN_ORDER}") {{ id address }} }}'),
    ),
    goes_on(
        "an order that is an operator",
        subscribe(
            query="subscription ($v: ID!) { orderStatus(orderId: $v) { id } }", variables={"v": {"$ne": ""}}
        ),
    ),
    goes_on(
        "an order with a NUL", subscribe(query='subscription { orderStatus(orderId: "\\u0000") { id } }')
    ),
    goes_on(
        "an order of 50,000 letters",
        subscribe(query='subscription { orderStatus(orderId: "' + "x" * 50_000 + '") { id } }'),
    ),
    goes_on("variables of nonsense", subscribe(query=WATCH, variables={"__proto__": [1e308], "x": None})),
    goes_on(
        "to be resumed from nowhere",
        subscribe(query=WATCH, extensions={"lastEventId": "x\r\nid: y", "resume": {"$gt": 0}}),
    ),
    either(
        "a document by an id of nonsense",
        {NO_FRAME},
        said(type="subscribe", id="1", payload={"documentId": "../x"}),
    ),
    either(
        "a document by a hash of nothing",
        {NO_FRAME},
        said(
            type="subscribe",
            id="1",
            payload={"extensions": {"persistedQuery": {"version": 1, "sha256Hash": [1]}}},
        ),
    ),
    goes_on("an operation of no such name", subscribe(query="query A { __typename }", operationName="B")),
    goes_on("100 orders placed at once", subscribe(query=BOMBS["100 orders placed at once"])),
    goes_on("gone at once", leaves=True),
    goes_on("gone in a frame", head(0x81, 500), leaves=True),
    goes_on("gone while subscribed", subscribe(), leaves=True),
    goes_on("gone with 20 subscribed", *(subscribe(str(n)) for n in range(20)), leaves=True),
    goes_on("gone before it was anybody", init=None, leaves=True),
    goes_on(
        "3,000 answers nobody reads",
        *(subscribe(str(n), "{ fruits { id name unitPrice } }") for n in range(3000)),
        reads=False,
        leaves=True,
    ),
    goes_on(
        "the schema, 200 times, and nobody reads",
        *(subscribe(str(n), "{ __schema { types { name fields { name } } } }") for n in range(200)),
        reads=False,
        leaves=True,
    ),
]

SOCKETS: Final = [*RULES, *HANDSHAKES, *CROWDS]
