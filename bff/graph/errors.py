"""What `errors` may say: a stable code, a sentence, and nothing of our insides."""

from typing import Any

from graphql import GraphQLError, GraphQLFormattedError, GraphQLSyntaxError

from bff.graph import texts
from bff.graph.codes import Code
from bff.graph.texts import Language
from bff.orders import OrdersUnavailableError
from services.chassis import mongo
from services.chassis.logs import logger

log = logger(__name__)

AWAY = (OrdersUnavailableError,)


class CodedError(GraphQLError):
    """An error that was meant: its code and its sentence may be read by anybody.

    Without a sentence of its own it says what `texts.ERROR` has for its code, in the client's language.
    `details` go beside the code: `retryAfterMs`, …
    """

    def __init__(self, code: Code, message: str | None = None, **details: Any) -> None:
        super().__init__(message or texts.ERROR[code]["EN"], extensions={"code": str(code), **details})
        self.code = code
        self.translated = message is None


def unauthenticated() -> CodedError:
    """Nobody has said who asks."""
    return CodedError(Code.UNAUTHENTICATED)


def order_not_found() -> CodedError:
    """The customer has no such order; whether anybody has is not said."""
    return CodedError(Code.ORDER_NOT_FOUND)


def bad_input(message: str) -> CodedError:
    """An argument that makes no sense."""
    return CodedError(Code.BAD_USER_INPUT, message)


def bad_request(message: str) -> CodedError:
    """What was sent is not one GraphQL request."""
    return CodedError(Code.BAD_REQUEST, message)


def of_variables(error: GraphQLError) -> GraphQLError:
    """What graphql-core has against a request before it executes a document that is valid: its variables."""
    if _cause(error) is not error or isinstance(error, CodedError):
        return error
    return GraphQLError(error.message, error.nodes, original_error=bad_input(error.message))


def presentable(error: GraphQLError, language: Language, correlation_id: str) -> GraphQLFormattedError:
    """What a client may read of an error; the rest is in the log, where the correlation id finds it."""
    code, message, details = _said(error, language)
    _note(code, error, correlation_id)
    formatted: dict[str, Any] = {"message": message}
    if error.locations:
        formatted["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        formatted["path"] = error.path
    formatted["extensions"] = {**details, "code": str(code), "correlationId": correlation_id}
    return formatted  # type: ignore[return-value] # the same keys, put together one by one


def _note(code: Code, error: GraphQLError, correlation_id: str) -> None:
    cause = _cause(error)
    noted = log.bind(code=str(code), correlation_id=correlation_id, path=error.path)
    match code:
        case Code.INTERNAL_SERVER_ERROR:
            noted.error("a bug", exc_info=cause)
        case Code.SERVICE_UNAVAILABLE:
            noted.warning("something needed is away", why=f"{type(cause).__name__}: {cause}")
        case Code.RATE_LIMITED:  # whoever comes too often is not to fill the log
            noted.debug("refused")
        case _:
            noted.info("refused")


def _said(error: GraphQLError, language: Language) -> tuple[Code, str, dict[str, Any]]:
    cause = _cause(error)
    if isinstance(cause, CodedError):
        message = texts.ERROR[cause.code][language] if cause.translated else cause.message
        return cause.code, message, dict(cause.extensions or {})
    if isinstance(cause, GraphQLSyntaxError):
        return Code.GRAPHQL_PARSE_FAILED, error.message, {}
    if isinstance(cause, GraphQLError):  # graphql-core wraps what it has against an argument
        input_is_bad = error.path or cause is not error or error.original_error
        code = Code.BAD_USER_INPUT if input_is_bad else Code.GRAPHQL_VALIDATION_FAILED
        return code, error.message, {}
    away = isinstance(cause, AWAY) or mongo.is_away(cause)
    code = Code.SERVICE_UNAVAILABLE if away else Code.INTERNAL_SERVER_ERROR
    return code, texts.ERROR[code][language], {}


def _cause(error: GraphQLError) -> Exception:
    """What an error began with; the error itself where nothing is behind it."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause
