"""Tokens for development, for anybody who asks."""

import time
import uuid
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bff.claims import ANY, Rules
from schema.requests import Name
from services.chassis import http, token


class Issuer:
    """Signs tokens with the shared secret, as the gateway's own rules want them."""

    def __init__(self, secret: str, rules: Rules = ANY, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._rules = rules
        self._clock = clock

    def issue(self, customer: str, seconds: int) -> str:
        """A token for a customer, good for so many seconds."""
        now = round(self._clock(), 3)
        claims = {"sub": customer, "iat": now, "exp": int(now) + seconds, "jti": uuid.uuid4().hex}
        named = {"iss": self._rules.issuer, "aud": self._rules.audience}
        claims |= {name: value for name, value in named.items() if value}
        return token.signed(claims, self._secret)


class Customer(BaseModel):
    """`{"customerId": "7181"}`: whom it is about."""

    model_config = ConfigDict(coerce_numbers_to_str=True, alias_generator=lambda _: "customerId")

    customer_id: Name


def dev_token_route(issuer: Issuer, seconds: int) -> Route:
    """POST /dev/token `{"customerId": "7181"}` → `{"token": …, "expiresIn": seconds}`, for anybody."""

    async def hand_out(request: Request) -> Response:
        try:
            login = await http.body_of(request, Customer)
        except ValidationError:
            return http.refusal(400, 'Send {"customerId": "7181"}: a name of 1 to 100 characters.')
        said = {"token": issuer.issue(login.customer_id, seconds), "expiresIn": seconds}
        return JSONResponse(said)

    return Route("/dev/token", hand_out, methods=["POST"])
