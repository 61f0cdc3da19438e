"""The id by which the log lines of one operation are found, in whichever process they were written."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from opentelemetry import trace

HEADER = "x-request-id"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")

_ours: ContextVar[str | None] = ContextVar("correlation_id", default=None)
_theirs: ContextVar[str | None] = ContextVar("request_id", default=None)


def drawn() -> str:
    """A new one, of the form of a trace id: 32 hexadecimal characters."""
    return os.urandom(16).hex()


def current() -> str | None:
    """The id of what is going on; None outside of any operation."""
    return _ours.get()


def of_operation() -> str:
    """The id of what is going on, or a new one."""
    return _ours.get() or drawn()


def bind(correlation_id: str) -> None:
    """Let whatever this task does from here on be found by this id."""
    _ours.set(correlation_id)
    _theirs.set(None)


def also(request_id: str) -> None:
    """Let it be found, in this process, by the id that its caller has drawn too."""
    _theirs.set(request_id)


@contextmanager
def bound(correlation_id: str | None) -> Iterator[None]:
    """Let what the body does be found by this id."""
    token = _ours.set(correlation_id)
    try:
        yield
    finally:
        _ours.reset(token)


def well_formed(text: str | None) -> str | None:
    """An id that somebody else has drawn; None where it is not fit for a log line."""
    return text if text is not None and WELL_FORMED.fullmatch(text) else None


def said(
    _: structlog.typing.WrappedLogger, __: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Add to a log line what it is found by: a processor of structlog."""
    if correlation_id := _ours.get():
        line.setdefault("correlation_id", correlation_id)
    if request_id := _theirs.get():
        line["request_id"] = request_id
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"] = f"{context.trace_id:032x}"
    return line
