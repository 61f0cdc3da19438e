"""Answers as HTTP responses: media type, status, headers."""

import math
from typing import Final

from starlette.responses import Response

from bff.edge import json
from bff.edge.accept import MediaType
from bff.edge.answer import Answer
from bff.edge.framing import Events
from bff.graph.codes import MEANING, Code

HEADERS: Final = [
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept, Accept-Language, Authorization, Cookie"),
]
"""Of every answer: it is the customer's own, or about to change."""

SAID_WITH_200: Final = frozenset(
    {Code.GRAPHQL_PARSE_FAILED, Code.GRAPHQL_VALIDATION_FAILED, Code.BAD_USER_INPUT}
)
"""What application/json says with 200, as the standard wants it for older clients."""


def status_of(answer: Answer, media_type: MediaType) -> int:
    """200 where it was executed, well or not; otherwise what the first error's code means."""
    if answer.executed:
        return 200
    code = Code(answer.body["errors"][0]["extensions"]["code"])
    if media_type is MediaType.JSON and code in SAID_WITH_200:
        return 200
    return MEANING[code].status


def reply(answer: Answer, media_type: MediaType) -> Response:
    """One answer, whole."""
    status = status_of(answer, media_type)
    headers = {"content-type": f"{media_type}; charset=utf-8"}
    if status == MEANING[Code.UNAUTHENTICATED].status:
        headers["www-authenticate"] = 'Bearer error="invalid_token"'
    if seconds := _retry_after(answer):
        headers["retry-after"] = str(seconds)
    return Response(json.written(answer.body), status_code=status, headers=headers)


def as_event(answer: Answer) -> Response:
    """One answer, where events are accepted and no more will come."""
    events = Events()
    content = events.answer(answer) + events.complete
    return Response(content, headers={"content-type": events.content_type})


def _retry_after(answer: Answer) -> int | None:
    """Seconds, rounded up, where the answer is no more than a refusal that says when to try again."""
    if answer.executed:
        return None
    milliseconds = answer.body["errors"][0]["extensions"].get("retryAfterMs")
    return math.ceil(milliseconds / 1000) if milliseconds else None
