"""/session: what our own pages know of who is signed in, and how they sign in and out."""

import time
from datetime import UTC, datetime
from math import ceil
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bff import cookie
from bff.auth import NotAuthenticatedError
from bff.caller import Caller
from bff.edge.accept import MediaType, media_type_of
from bff.edge.rates import Rates
from bff.graph.errors import CodedError
from bff.identity import Identity
from bff.origin import is_ours
from bff.settings import BffSettings
from services.chassis import http

HEADERS: Final = {"cache-control": "no-store", "vary": "Authorization, Cookie, Origin"}

LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)


class Begin(BaseModel):
    """`{"token": "<jwt>"}`: who signs in."""

    model_config = ConfigDict(strict=True)

    token: str


class Sessions:
    """The session of a browser is a token in its cookie; here nothing is kept of it."""

    def __init__(self, settings: BffSettings, identity: Identity, rates: Rates) -> None:
        self._settings = settings
        self._identity = identity
        self._rates = rates

    def route(self) -> Route:
        """GET, POST and DELETE /session."""
        return Route("/session", self.answer, methods=["GET", "POST", "DELETE"])

    async def answer(self, request: Request) -> Response:
        """What /session answers; a foreign page can only ask, and is told of nobody."""
        if request.method not in {"GET", "HEAD"} and not is_ours(request):
            response: Response = http.refusal(403, "Only our own pages sign in and out here.")
        elif request.method == "POST":
            response = await self._begin(request)
        elif request.method == "DELETE":
            response = await self._end(request)
        else:
            response = await self._show(request)
        response.headers.update(HEADERS)
        return response

    async def _show(self, request: Request) -> Response:
        """200. A cookie that is no good any more is taken away: without it more can be seen than with it."""
        caller = await self._identity.caller_of(request)
        response = JSONResponse(self._said_of(caller))
        if caller is None and "authorization" not in request.headers and cookie.of(request) is not None:
            cookie.forget(response, request)
        return response

    async def _begin(self, request: Request) -> Response:
        """200 with the cookie; 400 and 415 for what is no token in JSON, 401 for one that is no good, 429."""
        if media_type_of(request.headers.get("content-type", ""))[0] != MediaType.JSON:
            return http.refusal(415, "Send application/json.")
        try:
            token = (await http.body_of(request, Begin)).token
        except ValidationError:
            return http.refusal(400, 'Send {"token": "…"}.')
        if len(token) > cookie.LONGEST:
            return http.refusal(400, f"A token of more than {cookie.LONGEST} letters fits no cookie.")
        caller = await self._known(token)
        if caller is None:
            return self._no_good(request)
        await self._end_of_another(caller, request)
        response = JSONResponse(self._said_of(caller))
        cookie.keep(response, token, int(caller.expires_at - time.time()), request)
        return response

    async def _known(self, token: str) -> Caller | None:
        try:
            caller = await self._identity.authenticator.identify(token)
        except NotAuthenticatedError:
            return None
        return caller if self._identity.authenticator.is_still_good(caller) else None

    def _no_good(self, request: Request) -> Response:
        try:
            self._rates.bad_token(request.client.host if request.client else "")
        except CodedError as too_many:
            seconds = ceil((too_many.extensions or {})["retryAfterMs"] / 1000)
            return http.refusal(429, "Too many tokens that are no good.", {"retry-after": str(seconds)})
        return http.refusal(401, "This token is no good, or not any more.")

    async def _end_of_another(self, caller: Caller, request: Request) -> None:
        """Who signs in as somebody else is signed out first: what is open in other tabs is not theirs."""
        before = cookie.of(request)
        if before and (known := await self._known(before)) and known.customer_id != caller.customer_id:
            await self._identity.take_back(before)

    async def _end(self, request: Request) -> Response:
        """204, also without a session; 429, 503 where its token is not taken back. No cookie stays."""
        token = cookie.of(request)
        refused = await self._identity.take_back(token) if token else None
        response = refused or Response(status_code=204)
        cookie.forget(response, request)
        return response

    def _said_of(self, caller: Caller | None) -> dict[str, Any]:
        return {
            "customerId": caller and caller.customer_id,
            "expiresAt": caller and _moment(caller.expires_at),
            "operator": self._identity.is_operator(caller),
            "devLogin": self._settings.bff_dev_login,
            "ide": self._settings.bff_ide,
            "sandbox": self._settings.payment_sandbox,
        }


def _moment(seconds: float) -> str:
    """To the second, as JavaScript writes it."""
    moment = datetime.fromtimestamp(min(seconds, LATEST.timestamp()), UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
