"""Who may see and do what operators do: nobody else, and from nobody else's page."""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from bff.caller import Caller
from bff.origin import is_ours
from services.chassis import http

SAFE: Final = frozenset({"GET", "HEAD"})

Endpoint = Callable[[Request, Caller], Awaitable[Response]]


class Operators(Protocol):
    """Knows who asks, and who is one."""

    async def caller_of(self, connection: HTTPConnection) -> Caller | None:
        """Who asks; None for nobody."""
        ...

    def is_operator(self, caller: Caller | None) -> bool:
        """Whether they are an operator."""
        ...


def for_operators(operators: Operators, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for them alone: 401, 403 and all other refusals are one sentence; nothing is kept."""

    async def answer(request: Request) -> Response:
        try:
            response = await endpoint(request, await _operator(operators, request))
        except HTTPException as error:
            response = http.refusal(error.status_code, error.detail, error.headers)
        except ValidationError:
            response = http.refusal(400, "This is not what is asked for here.")
        response.headers["cache-control"] = "no-store"
        return response

    return answer


async def _operator(operators: Operators, request: Request) -> Caller:
    """The operator who asks. Raises HTTPException: 401 for nobody, 403 for others and from others' pages."""
    if request.method not in SAFE and not is_ours(request):
        raise HTTPException(403, "This is done from our own page alone.")
    caller = await operators.caller_of(request)
    if caller is None:
        raise HTTPException(401, "Sign in first.", {"www-authenticate": "Bearer"})
    if not operators.is_operator(caller):
        raise HTTPException(403, "This is for operators.")
    return caller
