"""WebSockets: handshakes that are refused, crowds of frames, and operations that are asked for to do harm."""

from typing import Final

from tests.hostile.attacks import FOREIGN_ORDER, REFUSED, SocketAttack
from tests.hostile.corpus_documents import BOMBS, chain, doubling
from tests.hostile.corpus_sockets import (
    NO_FRAME,
    PING,
    WATCH,
    either,
    ends,
    goes_on,
    said,
    subscribe,
)
from tests.hostile.frames import Opcode, frame, head

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
