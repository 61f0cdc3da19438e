"""graphql-transport-ws, frame by frame: read strictly, with a close code for all that is none.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from dataclasses import dataclass
from typing import Any

from bff.edge import json
from bff.edge.asked import Asked, Json
from bff.graph.errors import CodedError

PROTOCOL = "graphql-transport-ws"
REASON_BYTES = 123
"""The longest reason that a close frame can carry."""


class CloseError(Exception):
    """The connection is to be closed, with a code of the protocol's."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:REASON_BYTES].decode(errors="ignore")


@dataclass(frozen=True)
class Init:
    """The client says who it is."""

    payload: Json | None


@dataclass(frozen=True)
class Ping:
    """To be answered with its payload."""

    payload: Json | None


@dataclass(frozen=True)
class Pong:
    """A sign of life."""


@dataclass(frozen=True)
class Subscribe:
    """An operation begins, under a name of the client's."""

    name: str
    asked: Asked


@dataclass(frozen=True)
class Complete:
    """The client wants no more of it."""

    name: str


Frame = Init | Ping | Pong | Subscribe | Complete


def read(text: str | None) -> Frame:
    """Read what a client sent; binary messages come as None. Raises CloseError (4400)."""
    if text is None:
        raise _bad("Messages are text")
    try:
        fields = json.read(text)
    except (json.NotJsonError, UnicodeError):
        raise _bad("Messages are JSON") from None
    if not isinstance(fields, dict):
        raise _bad("Messages are objects")
    match fields.get("type"):
        case "connection_init":
            return Init(_payload(fields))
        case "ping":
            return Ping(_payload(fields))
        case "pong":
            _payload(fields)
            return Pong()
        case "subscribe":
            return Subscribe(_name(fields), _asked(fields.get("payload")))
        case "complete":
            return Complete(_name(fields))
        case _:
            raise _bad("No such type of message")


def written(kind: str, name: str | None = None, payload: Any = None) -> bytes:
    """A frame for the client."""
    fields = {"type": kind}
    if name is not None:
        fields["id"] = name
    if payload is not None:
        fields["payload"] = payload
    return json.written(fields)


def _bad(reason: str) -> CloseError:
    return CloseError(4400, reason)


def _payload(fields: Json) -> Json | None:
    payload = fields.get("payload")
    if isinstance(payload, dict | None):
        return payload
    raise _bad("payload must be an object, if it is there")


def _name(fields: Json) -> str:
    name = fields.get("id")
    if isinstance(name, str) and name:
        return name
    raise _bad("id must be a string that is not empty")


def _asked(payload: object) -> Asked:
    try:
        asked = Asked.of(payload)
    except CodedError as error:
        raise _bad(error.message) from None
    if asked.query is None and asked.document_id is None and asked.extensions is None:
        raise _bad("payload.query must be a string")
    return asked
