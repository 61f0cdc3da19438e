"""WebSockets on which the rules are broken: WebSocket's own, and those of graphql-transport-ws."""

import json
import struct
from typing import Any, Final

from tests.hostile.attacks import SocketAttack
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
