"""The levers of payment's sandbox, handed through."""

import asyncio
from http import HTTPStatus
from typing import Final, Literal

from pydantic import JsonValue, RootModel
from starlette.responses import Response

from services.chassis import http
from services.chassis.upstream import Answer, Failure, Upstream

SECONDS: Final = 1.0


class Levers(RootModel[dict[str, JsonValue]]):
    """Whatever payment calls its levers."""


class Sandbox:
    """Payment, asked beside the breaker and the bulkhead: those are for orders."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def is_there(self) -> bool:
        """Whether there are levers, as payment says. Raises Failure."""
        return (await self._upstream.ask("GET", "/sandbox")).status == HTTPStatus.OK

    async def levers(self, pulled: Levers | None = None) -> Response:
        """How they stand, after pulling them where that is wanted; 404, 422 as payment says; else 503."""
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._ask("PUT" if pulled else "GET", pulled)
        except (TimeoutError, Failure):
            return http.refusal(503, "Payment does not answer: look again whether the levers have moved.")
        return _handed_on(answer)

    async def close(self) -> None:
        """Close its connections."""
        await self._upstream.close()

    async def _ask(self, method: Literal["GET", "PUT"], levers: Levers | None) -> Answer:
        return await self._upstream.ask(method, "/sandbox", levers)


def _handed_on(answer: Answer) -> Response:
    if answer.status == HTTPStatus.NOT_FOUND:
        return http.refusal(404, "Payment has no sandbox here.")
    if answer.status == HTTPStatus.UNAUTHORIZED or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return http.refusal(503, "Payment cannot say how its levers stand.")
    return Response(answer.body, status_code=answer.status, media_type="application/json")
