"""Who asks: bearer tokens, read and, for development, handed out."""

import re
import time
from collections.abc import Callable
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bff.caller import Caller
from schema.requests import Name
from services.chassis import http

ALGORITHM = "HS256"
BEARER = re.compile(r"Bearer +([\w.~+/=-]+)", re.IGNORECASE)
MAX_TOKEN = 8192


class NotAuthenticatedError(Exception):
    """The token is not one of ours, or not any more. Says nothing about why: that is for us to know."""


class Authenticator:
    """Reads customers' tokens: JWTs signed with the shared secret, whose `sub` is the customer."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._key = OctKey.import_key(secret)
        self._clock = clock

    async def identify(self, token: str) -> Caller:
        """Who a token speaks for. Raises NotAuthenticatedError."""
        if len(token) > MAX_TOKEN:
            raise NotAuthenticatedError
        try:
            decoded = jwt.decode(token, self._key, algorithms=[ALGORITHM])
            registry = jwt.JWTClaimsRegistry(
                now=lambda: int(self._clock()), sub={"essential": True}, exp={"essential": True}
            )
            registry.validate(decoded.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise NotAuthenticatedError from error
        return Caller(_name(decoded.claims["sub"]), float(decoded.claims["exp"]))

    def is_still_good(self, caller: Caller) -> bool:
        """Whether a token that was good when it came is so now."""
        return self._clock() < caller.expires_at

    async def from_header(self, header: str | None) -> Caller | None:
        """Who an Authorization header speaks for; None without one. Raises NotAuthenticatedError."""
        if header is None:
            return None
        match = BEARER.fullmatch(header.strip())
        if match is None:
            raise NotAuthenticatedError
        return await self.identify(match[1])

    async def from_connection_init(self, payload: object) -> Caller:
        """Who a WebSocket's connection_init speaks for. Raises NotAuthenticatedError.

        Looks for `Authorization` or `authorization`, as clients write it, with or without `Bearer`.
        """
        fields: dict[str, Any] = payload if isinstance(payload, dict) else {}
        given = fields.get("Authorization") or fields.get("authorization")
        if not isinstance(given, str):
            raise NotAuthenticatedError
        match = BEARER.fullmatch(given.strip())
        return await self.identify(match[1] if match else given)

    def issue(self, customer: str, seconds: int) -> str:
        """A token for a customer, good for so many seconds."""
        now = int(self._clock())
        claims = {"sub": customer, "iat": now, "exp": now + seconds}
        return jwt.encode({"alg": ALGORITHM}, claims, self._key)


class DevLogin(BaseModel):
    """POST /dev/token."""

    model_config = ConfigDict(coerce_numbers_to_str=True, alias_generator=lambda _: "customerId")

    customer_id: Name


def dev_token_route(authenticator: Authenticator, seconds: int) -> Route:
    """POST /dev/token `{"customerId": "7181"}` → `{"token": …, "expiresIn": seconds}`, for anybody."""

    async def hand_out(request: Request) -> Response:
        try:
            login = await http.body_of(request, DevLogin)
        except ValidationError:
            return http.refusal(400, 'Send {"customerId": "7181"}: a name of 1 to 100 characters.')
        token = authenticator.issue(login.customer_id, seconds)
        return JSONResponse({"token": token, "expiresIn": seconds})

    return Route("/dev/token", hand_out, methods=["POST"])


def _name(subject: object) -> str:
    if not isinstance(subject, str) or not 1 <= len(subject) <= 100:
        raise NotAuthenticatedError
    return subject
