"""What a client asks, as any transport brings it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import parse_qsl

from bff.edge import json
from bff.graph.errors import bad_request

Json = dict[str, Any]

MOST_PARAMETERS: Final = 50
OBJECTS: Final = frozenset({"variables", "extensions"})
PARAMETERS: Final = frozenset({"query", "operationName", "documentId"}) | OBJECTS


@dataclass(frozen=True)
class Asked:
    """One GraphQL request. `query` may be missing where a trusted document is named."""

    query: str | None = None
    variables: Json | None = None
    operation_name: str | None = None
    extensions: Json | None = None
    document_id: str | None = None

    @classmethod
    def of(cls, fields: object) -> Self:
        """Read a request's parameters. Raises a CodedError (BAD_REQUEST)."""
        if isinstance(fields, list):
            raise bad_request("Batches are not taken: send one operation, as a JSON object.")
        if not isinstance(fields, dict):
            raise bad_request("Send one operation, as a JSON object.")
        return cls(
            query=_optional(fields, "query", str),
            variables=_optional(fields, "variables", dict),
            operation_name=_optional(fields, "operationName", str),
            extensions=_optional(fields, "extensions", dict),
            document_id=_optional(fields, "documentId", str),
        )

    @classmethod
    def in_query_string(cls, query_string: bytes) -> Self:
        """Read the parameters of a GET; `variables` and `extensions` are JSON. Raises a CodedError."""
        fields: Json = {}
        for name, value in _pairs(query_string):
            if name in fields:
                raise bad_request(f"{name} is there twice.")
            if name in PARAMETERS and value:
                fields[name] = _parsed(name, value) if name in OBJECTS else value
        return cls.of(fields)


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        raise bad_request("The address is not well written: percent-encoded UTF-8 is read.") from None


def _parsed(name: str, value: str) -> object:
    try:
        return json.read(value)
    except json.NotJsonError:
        raise bad_request(f"{name} must be written as JSON.") from None


def _optional(fields: Mapping[str, Any], name: str, kind: type) -> Any:
    value = fields.get(name)
    if value is not None and not isinstance(value, kind):
        wanted = "a string" if kind is str else "an object"
        raise bad_request(f"{name} must be {wanted}, if it is there.")
    return value
