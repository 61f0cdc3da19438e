"""What a client asks, as any transport brings it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bff.graph.errors import bad_request

Json = dict[str, Any]


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
        if not isinstance(fields, dict):
            raise bad_request("Send one operation, as a JSON object.")
        return cls(
            query=_optional(fields, "query", str),
            variables=_optional(fields, "variables", dict),
            operation_name=_optional(fields, "operationName", str),
            extensions=_optional(fields, "extensions", dict),
            document_id=_optional(fields, "documentId", str),
        )


def _optional(fields: Mapping[str, Any], name: str, kind: type) -> Any:
    value = fields.get(name)
    if not isinstance(value, kind | None):
        wanted = "a string" if kind is str else "an object"
        raise bad_request(f"{name} must be {wanted}, if it is there.")
    return value
