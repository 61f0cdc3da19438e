"""HTTP that breaks the rules of the wire: heads, lengths, chunks, targets, and ends that come too early."""

from typing import Final

from tests.hostile.attacks import ANSWERED, BAD_REQUEST, EITHER, HOST, REFUSED, TOKEN, Attack

BODY = b'{"query": "{ __typename }"}'
ANY = EITHER | {204, 307, 308}
AUTH = b"authorization: Bearer " + TOKEN + b"\r\n"
JSON = b"content-type: application/json\r\naccept: application/json\r\n"


def raw(name: str, *pieces: bytes, statuses: frozenset[int] = BAD_REQUEST, **how: object) -> Attack:
    """Bytes as they are."""
    return Attack(name, pieces, statuses, **how)  # type: ignore[arg-type] # the rest of an Attack's fields


def headed(headers: bytes, body: bytes = BODY, first: bytes = b"POST /graphql HTTP/1.1") -> bytes:
    """A request with these headers beside the usual ones."""
    return first + b"\r\nhost: " + HOST + b"\r\n" + AUTH + JSON + headers + b"\r\n" + body


WIRE: Final = [
    raw("not HTTP: TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)),
    raw("not HTTP: SSH", b"SSH-2.0-OpenSSH_9.2p1\r\n"),
    raw("not HTTP: AMQP", b"AMQP\x00\x00\x09\x01" + b"\r\n\r\n"),
    raw("not HTTP: a MongoDB query", b"\x3f\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xdd\x07\x00\x00" * 4),
    raw("not HTTP: SMTP", b"EHLO evil.example\r\n\r\n"),
    raw("not HTTP: NULs", bytes(300)),
    raw("not HTTP: noise", bytes(range(128, 256)) * 4),
    raw("not HTTP: HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    raw("not HTTP: JSON alone", BODY + b"\r\n\r\n"),
    raw("HTTP/0.9", b"GET /graphql\r\n\r\n", statuses=REFUSED),
    raw("HTTP/9.9", headed(b"content-length: 27\r\n", first=b"POST /graphql HTTP/9.9")),
    raw("HTTP/1.10", headed(b"content-length: 27\r\n", first=b"POST /graphql HTTP/1.10")),
    raw("no method of this world", headed(b"content-length: 27\r\n", first=b"STEAL /graphql HTTP/1.1")),
    raw("a method in lower case", headed(b"content-length: 27\r\n", first=b"post /graphql HTTP/1.1")),
    raw("a blank before a colon", headed(b"content-length : 27\r\n")),
    raw("a NUL in a header", headed(b"content-length: 27\r\nx-a: a\0b\r\n")),
    raw("a header without a name", headed(b"content-length: 27\r\n: x\r\n")),
    raw("a header without a colon", headed(b"content-length: 27\r\nnonsense\r\n")),
    raw("a folded header", headed(b"content-length: 27\r\nx-a: a\r\n b\r\n"), statuses=EITHER),
    raw("only line feeds", b"GET /healthz HTTP/1.1\nhost: x\n\n", statuses=EITHER),
    raw("only carriage returns", b"GET /healthz HTTP/1.1\rhost: x\r\r\n\r\n"),
    raw("no host", b"GET /graphql HTTP/1.1\r\n\r\n", statuses=REFUSED),
    raw("two hosts", headed(b"content-length: 27\r\nhost: evil.example\r\n"), statuses=EITHER),
    raw(
        "a host that is an address",
        b"POST /graphql/ HTTP/1.1\r\nhost: evil.example/x?\r\ncontent-length: 0\r\n\r\n",
        statuses=ANY,
    ),
    raw("no length and no body", headed(b"", b""), statuses=REFUSED),
    raw("a length that is no number", headed(b"content-length: many\r\n")),
    raw("a negative length", headed(b"content-length: -1\r\n")),
    raw("a length beyond 64 bits", headed(b"content-length: 99999999999999999999999\r\n")),
    raw("a length in hexadecimal", headed(b"content-length: 0x1b\r\n")),
    raw("a length with a plus", headed(b"content-length: +27\r\n")),
    raw("two lengths", headed(b"content-length: 27\r\ncontent-length: 3\r\n")),
    raw("a list of lengths", headed(b"content-length: 27, 27\r\n")),
    raw(
        "smuggling: length and chunks",
        headed(
            b"content-length: 4\r\ntransfer-encoding: chunked\r\n",
            b"0\r\n\r\nGET /metrics HTTP/1.1\r\nhost: x\r\n\r\n",
        ),
    ),
    raw(
        "smuggling: chunks and length",
        headed(b"transfer-encoding: chunked\r\ncontent-length: 4\r\n", b"1b\r\n" + BODY + b"\r\n0\r\n\r\n"),
    ),
    raw(
        "smuggling: chunked twice",
        headed(b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n", b"0\r\n\r\n"),
    ),
    raw("smuggling: xchunked", headed(b"transfer-encoding: xchunked\r\n", b"0\r\n\r\n")),
    raw(
        "smuggling: a tab before chunked",
        headed(b"transfer-encoding:\tchunked\r\n", b"0\r\n\r\n"),
        statuses=REFUSED,
    ),
    raw("smuggling: chunked, identity", headed(b"transfer-encoding: chunked, identity\r\n", b"0\r\n\r\n")),
    raw("chunks of no number", headed(b"transfer-encoding: chunked\r\n", b"zz\r\nx\r\n0\r\n\r\n")),
    raw("chunks of a negative size", headed(b"transfer-encoding: chunked\r\n", b"-1\r\nx\r\n0\r\n\r\n")),
    raw(
        "chunks beyond 64 bits", headed(b"transfer-encoding: chunked\r\n", b"f" * 17 + b"\r\nx\r\n0\r\n\r\n")
    ),
    raw(
        "chunks shorter than they say",
        headed(b"transfer-encoding: chunked\r\n", b"2\r\nx\r\n\r\n0\r\n\r\n"),
        statuses=REFUSED,
    ),
    raw(
        "chunks with extensions",
        headed(b"transfer-encoding: chunked\r\n", b"1b;x=" + b"y" * 2000 + b"\r\n" + BODY + b"\r\n0\r\n\r\n"),
        statuses=EITHER,
    ),
    raw(
        "chunks of a byte each",
        headed(
            b"transfer-encoding: chunked\r\n", b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n"
        ),
        statuses=ANSWERED,
    ),
    raw(
        "chunks without end, above the limit",
        headed(b"transfer-encoding: chunked\r\n", b"400\r\n" + b" " * 1024 + b"\r\n"),
        *[b"400\r\n" + b" " * 1024 + b"\r\n"] * 80,
        statuses=REFUSED,
    ),
    raw(
        "trailers that sign in",
        headed(
            b"transfer-encoding: chunked\r\n", b"1b\r\n" + BODY + b"\r\n0\r\nauthorization: Bearer x\r\n\r\n"
        ),
        statuses=EITHER,
    ),
    raw(
        "an absolute address",
        headed(b"content-length: 27\r\n", first=b"POST http://evil.example/graphql HTTP/1.1"),
        statuses=EITHER,
    ),
    raw(
        "an address without a path",
        headed(b"content-length: 0\r\n", b"", b"GET http://evil.example HTTP/1.1"),
        statuses=EITHER,
    ),
    raw("CONNECT", b"CONNECT 127.0.0.1:27017 HTTP/1.1\r\nhost: x\r\n\r\n", statuses=REFUSED),
    raw("OPTIONS *", b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n", statuses=ANY),
    raw("a target with a NUL", b"GET /\0 HTTP/1.1\r\nhost: x\r\n\r\n", statuses=REFUSED),
    raw("a target that is no UTF-8", b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n", statuses=REFUSED),
    raw("a target of 60 KiB", b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", statuses=REFUSED),
    raw(
        "a target of a mebibyte", b"GET /" + b"a" * 2**20 + b" HTTP/1.1\r\nhost: x\r\n\r\n", statuses=REFUSED
    ),
    raw(
        "Expect: 100-continue",
        headed(b"content-length: 27\r\nexpect: 100-continue\r\n", b""),
        BODY,
        statuses=ANSWERED,
        pause=0.05,
    ),
    raw(
        "Expect: 100-continue, and too much",
        headed(b"content-length: 99999999\r\nexpect: 100-continue\r\n", b""),
        statuses=REFUSED,
    ),
    raw("Expect: nonsense", headed(b"content-length: 27\r\nexpect: a-miracle\r\n"), statuses=EITHER),
    raw(
        "an upgrade to HTTP/2",
        headed(
            b"content-length: 27\r\nupgrade: h2c\r\nconnection: upgrade, http2-settings\r\n"
            b"http2-settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
        ),
        statuses=EITHER,
    ),
    raw(
        "an upgrade to nonsense",
        headed(b"content-length: 27\r\nupgrade: nonsense\r\nconnection: upgrade\r\n"),
        statuses=EITHER,
    ),
    raw(
        "100 headers",
        headed(b"content-length: 27\r\n" + b"".join(b"x-%d: y\r\n" % n for n in range(100))),
        statuses=EITHER,
    ),
    raw(
        "5,000 headers",
        headed(b"content-length: 27\r\n" + b"".join(b"x-%d: y\r\n" % n for n in range(5000))),
        statuses=EITHER,
    ),
    raw(
        "a header of 60 KiB",
        headed(b"content-length: 27\r\nx-a: " + b"a" * 60_000 + b"\r\n"),
        statuses=EITHER,
    ),
    raw(
        "a header of a mebibyte",
        headed(b"content-length: 27\r\nx-a: " + b"a" * 2**20 + b"\r\n"),
        statuses=REFUSED,
    ),
    raw(
        "a cookie of 30 KiB",
        headed(b"content-length: 27\r\ncookie: " + b"a=b; " * 6000 + b"\r\n"),
        statuses=EITHER,
    ),
    raw("ten at once", *[headed(b"content-length: 27\r\n")] * 10, statuses=ANSWERED, replies=10),
    raw("ten in one piece", headed(b"content-length: 27\r\n") * 10, statuses=ANSWERED, replies=10),
    raw(
        "a thousand in one piece",
        headed(b"content-length: 27\r\n") * 1000,
        statuses=ANSWERED | BAD_REQUEST,
        replies=1000,
        may_hang_up=True,
    ),
    raw(
        "a good one, then noise",
        headed(b"content-length: 27\r\n") + bytes(range(128, 256)),
        statuses=ANSWERED | BAD_REQUEST,
        replies=2,
        may_hang_up=True,
    ),
    raw(
        "a byte at a time",
        *(bytes([byte]) for byte in headed(b"content-length: 27\r\n")[-60:]),
        may_hang_up=True,
        statuses=BAD_REQUEST,
    ),
    raw("half closed, and answered", headed(b"content-length: 27\r\n"), half_close=True, statuses=ANSWERED),
    raw(
        "half closed in the body",
        headed(b"content-length: 99\r\n"),
        half_close=True,
        may_hang_up=True,
        statuses=REFUSED,
    ),
    raw("half closed in the head", b"POST /graphql HTT", half_close=True, may_hang_up=True, statuses=REFUSED),
    raw("gone before the body", headed(b"content-length: 27\r\n", b""), leaves=True),
    raw("gone in the body", headed(b"content-length: 27\r\n", BODY[:9]), leaves=True),
    raw("gone in the head", b"POST /gra", leaves=True),
    raw("gone before the answer", headed(b"content-length: 27\r\n"), leaves=True),
    raw(
        "gone from a stream",
        headed(b"content-length: 48\r\n", b'{"query": "subscription { myOrderUpdates { id } }"}').replace(
            b"accept: application/json", b"accept: text/event-stream"
        ),
        leaves=True,
    ),
    raw("nothing said", b"", leaves=True),
    *(
        raw(
            f"path: {path.decode(errors='replace')}",
            b"GET " + path + b" HTTP/1.1\r\nhost: x\r\n\r\n",
            statuses=REFUSED | {307},
        )
        for path in (
            b"/graphql/../metrics/..;/",
            b"//graphql",
            b"/graphql%00",
            b"/%67raphql/x",
            b"/../../etc/passwd",
            b"/..%2f..%2fetc%2fpasswd",
            b"/static/..%5c..%5c",
            b"/.git/config",
            b"/.env",
            b"/graphql;x=y",
            b"/%c0%ae%c0%ae/",
            b"/console",
            b"/debug/pprof",
            b"/openapi.json",
            b"/graphql/%2e%2e",
        )
    ),
    raw(
        "an upgrade to WebSocket, with a body",
        headed(
            b"content-length: 5\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n"
            b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
            b"hello",
            b"GET /graphql HTTP/1.1",
        ),
        statuses=REFUSED,
    ),
]
