"""Every code that an error can carry, with what it means: the whole list."""

from enum import StrEnum
from typing import Final, NamedTuple


class Code(StrEnum):
    """`extensions.code` of an error. Stable: clients decide by it."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    STALE_READ = "STALE_READ"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"
    RATE_LIMITED = "RATE_LIMITED"
    TOO_MANY_CONNECTIONS = "TOO_MANY_CONNECTIONS"
    TOO_MANY_SUBSCRIPTIONS = "TOO_MANY_SUBSCRIPTIONS"
    BAD_REQUEST = "BAD_REQUEST"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    DOCUMENT_TOO_LONG = "DOCUMENT_TOO_LONG"
    DOCUMENT_TOO_DEEP = "DOCUMENT_TOO_DEEP"
    TOO_MANY_ALIASES = "TOO_MANY_ALIASES"
    TOO_MANY_DIRECTIVES = "TOO_MANY_DIRECTIVES"
    TOO_MANY_ROOT_FIELDS = "TOO_MANY_ROOT_FIELDS"
    TOO_MANY_DEFINITIONS = "TOO_MANY_DEFINITIONS"
    DOCUMENT_TOO_COMPLEX = "DOCUMENT_TOO_COMPLEX"
    PAGE_TOO_LARGE = "PAGE_TOO_LARGE"
    COST_TOO_HIGH = "COST_TOO_HIGH"
    INTROSPECTION_DISABLED = "INTROSPECTION_DISABLED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    UNTRUSTED_DOCUMENT = "UNTRUSTED_DOCUMENT"


class Meaning(NamedTuple):
    """The HTTP status where it ends a request before it is executed, and a sentence for the documentation."""

    status: int
    sentence: str


MEANING: Final[dict[Code, Meaning]] = {
    Code.UNAUTHENTICATED: Meaning(401, "no token, or one that is not valid (any more)"),
    Code.ORDER_NOT_FOUND: Meaning(200, "`orderStatus` of an order that is not yours, or not at all"),
    Code.BAD_USER_INPUT: Meaning(400, "an argument or variable that makes no sense"),
    Code.STALE_READ: Meaning(200, "MyPage does not show yet what the consistency token stands for"),
    Code.SERVICE_UNAVAILABLE: Meaning(
        503, "something needed does not answer; try again. Commands with a key can be sent again safely"
    ),
    Code.INTERNAL_SERVER_ERROR: Meaning(500, "a bug; `extensions.correlationId` finds it in the log"),
    Code.RATE_LIMITED: Meaning(429, "too many operations; try again after `extensions.retryAfterMs`"),
    Code.TOO_MANY_CONNECTIONS: Meaning(429, "too many WebSockets and streams of one customer"),
    Code.TOO_MANY_SUBSCRIPTIONS: Meaning(429, "too many operations at once on one WebSocket"),
    Code.BAD_REQUEST: Meaning(400, "what was sent is not one GraphQL request"),
    Code.METHOD_NOT_ALLOWED: Meaning(405, "not POST or GET, or a mutation by GET"),
    Code.NOT_ACCEPTABLE: Meaning(406, "none of the accepted media types can be given"),
    Code.UNSUPPORTED_MEDIA_TYPE: Meaning(415, "the body is not `application/json`"),
    Code.REQUEST_TIMEOUT: Meaning(408, "the body did not come in time"),
    Code.BODY_TOO_LARGE: Meaning(413, "the body has too many bytes"),
    Code.GRAPHQL_PARSE_FAILED: Meaning(400, "the document is not GraphQL"),
    Code.GRAPHQL_VALIDATION_FAILED: Meaning(400, "the document is not of this schema"),
    Code.DOCUMENT_TOO_LONG: Meaning(400, "the document has too many bytes or tokens"),
    Code.DOCUMENT_TOO_DEEP: Meaning(400, "the document is nested too deeply"),
    Code.TOO_MANY_ALIASES: Meaning(400, "the document has too many aliases"),
    Code.TOO_MANY_DIRECTIVES: Meaning(400, "the document has too many directives"),
    Code.TOO_MANY_ROOT_FIELDS: Meaning(400, "the operation has too many fields at its root"),
    Code.TOO_MANY_DEFINITIONS: Meaning(400, "the document has too many operations and fragments"),
    Code.DOCUMENT_TOO_COMPLEX: Meaning(400, "the document has too many fields, or the same ones too often"),
    Code.PAGE_TOO_LARGE: Meaning(400, "`first` is more than a page may have"),
    Code.COST_TOO_HIGH: Meaning(400, "the operation costs more than its budget"),
    Code.INTROSPECTION_DISABLED: Meaning(400, "the schema is not told here"),
    Code.PERSISTED_QUERY_NOT_FOUND: Meaning(400, "no trusted document has this id"),
    Code.PERSISTED_QUERY_NOT_SUPPORTED: Meaning(400, "there are no trusted documents here: send the query"),
    Code.UNTRUSTED_DOCUMENT: Meaning(400, "only trusted documents are executed here"),
}


def table() -> str:
    """The whole list in Markdown, for the documentation."""
    rows = [f"| `{code}` | {meaning.status} | {meaning.sentence} |" for code, meaning in MEANING.items()]
    return "\n".join(("| code | HTTP status | means |", "|---|---|---|", *rows))
