"""What HTTP refuses before there is an operation, each with the headers that belong to it."""

from collections.abc import Mapping

from bff.graph.codes import Code
from bff.graph.errors import CodedError


class RefusedRequestError(CodedError):
    """A request that is answered with a status, an error, and headers of its own."""

    def __init__(self, code: Code, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code, message)
        self.headers = headers or {}


def method_not_allowed(message: str, *allowed: str) -> RefusedRequestError:
    """Another method would do."""
    return RefusedRequestError(Code.METHOD_NOT_ALLOWED, message, {"allow": ", ".join(allowed)})


def not_acceptable(message: str) -> RefusedRequestError:
    """Nothing that the client accepts can be given."""
    return RefusedRequestError(Code.NOT_ACCEPTABLE, message)


def unsupported(message: str, headers: Mapping[str, str] | None = None) -> RefusedRequestError:
    """The body is written in a way that is not read here."""
    return RefusedRequestError(Code.UNSUPPORTED_MEDIA_TYPE, message, headers)


def too_large(most: int) -> RefusedRequestError:
    """There are more bytes than are read."""
    return RefusedRequestError(Code.BODY_TOO_LARGE, f"A request has at most {most} bytes.")


def too_slow(seconds: float) -> RefusedRequestError:
    """The body did not come."""
    message = f"The body did not come within {seconds:g} seconds."
    return RefusedRequestError(Code.REQUEST_TIMEOUT, message, {"connection": "close"})
