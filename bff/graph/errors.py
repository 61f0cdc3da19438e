"""What `errors` may say: a stable code, a sentence, and nothing of our insides."""

from uuid import uuid4

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import MaskErrors
from strawberry.schema.exceptions import CannotGetOperationTypeError

from bff.feed import FeedClosedError
from bff.orders import OrdersUnavailableError
from services.chassis import mongo
from services.chassis.logs import logger

log = logger(__name__)


class CodedError(GraphQLError):
    """An error that was meant: its message and code may be read by anybody."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, extensions={"code": code})


def unauthenticated() -> CodedError:
    """Nobody has said who asks."""
    return CodedError("UNAUTHENTICATED", "Sign in: send a bearer token in the Authorization header.")


def order_not_found() -> CodedError:
    """The customer has no such order; whether anybody has is not said."""
    return CodedError("ORDER_NOT_FOUND", "You have no such order.")


def bad_input(message: str) -> CodedError:
    """An argument that makes no sense."""
    return CodedError("BAD_USER_INPUT", message)


def bad_request(message: str) -> CodedError:
    """What was sent is not one GraphQL request."""
    return CodedError("BAD_REQUEST", message)


def limit_reached(message: str) -> CodedError:
    """More than anybody may have."""
    return CodedError("LIMIT_REACHED", message)


AWAY = (OrdersUnavailableError, FeedClosedError)
UNAVAILABLE = "Something we need does not answer right now. Please try again."


class Errors(MaskErrors):
    """Gives every error a code, and hides what was not meant to be read behind a correlation id."""

    def _process_errors(self, errors: list[GraphQLError]) -> list[GraphQLError]:
        return [_presentable(error) for error in errors]


def _presentable(error: GraphQLError) -> GraphQLError:
    if error.extensions and "code" in error.extensions:
        return error
    cause = _cause(error)
    if isinstance(cause, GraphQLSyntaxError):
        return _coded(error, "GRAPHQL_PARSE_FAILED", error.message)
    if isinstance(cause, GraphQLError):  # graphql-core wraps what it has against an argument
        code = "BAD_USER_INPUT" if error.path or cause is not error else "GRAPHQL_VALIDATION_FAILED"
        return _coded(error, code, error.message)
    if isinstance(cause, MissingQueryError):
        return _coded(error, "BAD_REQUEST", "There is no query.")
    if isinstance(cause, CannotGetOperationTypeError):
        return _coded(error, "BAD_REQUEST", cause.as_http_error_reason())
    if isinstance(cause, AWAY) or mongo.is_away(cause):
        return _coded(error, "SERVICE_UNAVAILABLE", UNAVAILABLE)
    correlation_id = str(uuid4())
    log.error("a bug", correlation_id=correlation_id, path=error.path, exc_info=cause)
    hidden = _coded(error, "INTERNAL_SERVER_ERROR", "Something went wrong on our side.")
    hidden.extensions = {**(hidden.extensions or {}), "correlationId": correlation_id}
    return hidden


def _cause(error: GraphQLError) -> Exception:
    """What an error began with; the error itself where nothing is behind it."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _coded(error: GraphQLError, code: str, message: str) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code},
    )
