"""Requests and replies over HTTP, in the language's models."""

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from services.chassis import mongo
from services.chassis.logs import logger

log = logger(__name__)

M = TypeVar("M", bound=BaseModel)

MAX_BODY_BYTES = 64 * 1024

BODY_SECONDS = 10.0
"""How long a body may take to come."""


async def body_of(request: Request, kind: type[M], at_most: int = MAX_BODY_BYTES) -> M:
    """Read the request's body as a message. Raises ValidationError, or HTTPException (413)."""
    return kind.model_validate_json(await read(request, at_most))


async def read(request: Request, at_most: int = MAX_BODY_BYTES) -> bytes:
    """Read the request's body. Raises HTTPException: 413 for too much, 408 for too slow, 400 for half."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > at_most:
                    raise HTTPException(413, f"A request has at most {at_most} bytes.")
    except TimeoutError:
        raise HTTPException(408, "The body did not come in time.", {"connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400, "The body has no end.") from None
    return bytes(body)


def reply(message: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a message."""
    return Response(
        message.model_dump_json(), status_code=status, media_type="application/json", headers=headers
    )


def refusal(status: int, error: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Answer with one sentence."""
    return JSONResponse({"error": error}, status_code=status, headers=headers)


def _not_valid(_: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError)  # noqa: S101 # tells mypy; Starlette registers by type
    problems: list[Any] = error.errors(include_url=False, include_context=False, include_input=False)
    return JSONResponse({"error": "The request is not valid.", "problems": problems}, status_code=422)


def _database_failed(request: Request, error: Exception) -> Response:
    if not mongo.is_away(error):
        raise error
    log.warning("database away", path=request.url.path, error=type(error).__name__)
    return refusal(504, "The database did not answer: whether this was done is not known. Ask again.")


EXCEPTION_HANDLERS: Mapping[Any, Any] = {
    ValidationError: _not_valid,
    mongo.Error: _database_failed,
}
