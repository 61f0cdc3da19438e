"""Who asks, put together: keys, tokens, what was taken back, and the routes about them."""

from collections.abc import Coroutine
from math import ceil
from urllib.parse import parse_qs

from prometheus_client import CollectorRegistry
from pydantic import ValidationError
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bff import cookie
from bff.auth import Authenticator, NotAuthenticatedError
from bff.caller import Caller
from bff.claims import Rules
from bff.dev_login import Customer, Issuer, dev_token_route
from bff.edge.rates import Buckets
from bff.jwks import Jwks
from bff.keys import shared
from bff.revocations import Revocations
from bff.settings import BffSettings
from services.chassis import http, mongo, trust
from services.chassis.health import Dependency

DATABASE = "bff"
COLLECTION = "revocations"
MAX_FORM_BYTES = 16 * 1024

REVOKED_A_MINUTE = 10
REVOKED_AT_ONCE = 100
"""Tokens that one customer may take back, so that nobody fills the memory of those of others."""


class Identity:
    """The authenticator, and what works beside it."""

    def __init__(self, settings: BffSettings, registry: CollectorRegistry, database: mongo.Database) -> None:
        self._settings = settings
        self._rules = Rules(settings.auth_issuer, settings.auth_audience, settings.auth_leeway_seconds)
        self._trust = trust.Trust("bff", settings, registry)
        self._issuer = _issuer(settings, registry)
        self._secret = settings.auth_jwt_secret and settings.auth_jwt_secret.get_secret_value()
        self.revocations = Revocations(
            database[COLLECTION], registry, remembered_seconds=settings.auth_sign_out_seconds
        )
        self._revoking = Buckets(REVOKED_A_MINUTE, REVOKED_AT_ONCE)
        self.authenticator = Authenticator(
            shared(self._secret, settings.algorithms) if self._secret else None,
            self._issuer,
            rules=self._rules,
            revoked=self.revocations,
        )

    def work(self) -> list[Coroutine[None, None, None]]:
        """What goes on beside requests; endless."""
        return [self.revocations.run(), *([self._issuer.run()] if self._issuer else [])]

    def dependencies(self) -> dict[str, Dependency]:
        """The issuer is needed until its keys are known, and then only for new ones."""
        if self._issuer is None:
            return {}
        return {"issuer": Dependency(self._issuer.known, detail=self._issuer.detail)}

    async def caller_of(self, connection: HTTPConnection) -> Caller | None:
        """Who asks, by Authorization or else by our cookie; None also for a token that is no good."""
        header = connection.headers.get("authorization")
        try:
            return await self.authenticator.from_header(header, cookie.of(connection))
        except NotAuthenticatedError:
            return None

    def is_operator(self, caller: Caller | None) -> bool:
        """Whether they may see and do what only operators may: where dev login is on, anybody."""
        has_role = caller is not None and self._settings.auth_operator_role in caller.roles
        return self._settings.bff_dev_login or has_role

    def routes(self) -> list[Route]:
        """All routes."""
        routes = [
            Route("/auth/revoke", self.revoke, methods=["POST"]),
            Route("/auth/sign-out", self.sign_out, methods=["POST"]),
        ]
        if self._settings.bff_dev_login and self._secret:
            issuer = Issuer(self._secret, self._rules)
            routes.append(dev_token_route(issuer, self._settings.bff_dev_token_seconds))
        return routes

    async def revoke(self, request: Request) -> Response:
        """RFC 7009: the token of a form's field `token` is void: 200, also where it was no good.

        400, 429 and 503 say what they always say; the last two, when to come again.
        """
        try:
            form = parse_qs((await http.read(request, MAX_FORM_BYTES)).decode(), max_num_fields=10)
            [token] = form["token"]
        except (ValueError, KeyError):
            said = {"error": "invalid_request", "error_description": "Send a form with one field `token`."}
            return JSONResponse(said, status_code=400)
        return await self.take_back(token) or Response()

    async def take_back(self, token: str) -> Response | None:
        """Void a token, good or not. Where that cannot be, the answer that says so: 429 or 503."""
        try:
            caller = await self.authenticator.identify(token)
            if seconds := self._revoking.wait(caller.customer_id, 1):
                return http.refusal(429, "Too many at once: sign out.", {"retry-after": str(ceil(seconds))})
            self._revoking.put(caller.customer_id, 1)
            await self.revocations.revoke(caller)
        except NotAuthenticatedError:
            return None  # void already, or it never was good
        except mongo.Error as error:
            return _not_kept(error)
        return None

    async def sign_out(self, request: Request) -> Response:
        """`{"customerId": …}`: void all tokens that the customer has: 204; 400; 401 not a service; 503."""
        if not self._trust.accepts(request.headers.get("authorization")):
            return trust.refusal()
        try:
            customer = (await http.body_of(request, Customer)).customer_id
            await self.revocations.sign_out(customer)
        except ValidationError:
            return http.refusal(400, 'Send {"customerId": "7181"}: a name of 1 to 100 characters.')
        except mongo.Error as error:
            return _not_kept(error)
        return Response(status_code=204)


def _issuer(settings: BffSettings, registry: CollectorRegistry) -> Jwks | None:
    if settings.auth_jwks_url is None:
        return None
    return Jwks(
        settings.auth_jwks_url,
        registry,
        refresh_seconds=settings.auth_jwks_refresh_seconds,
        allowed=settings.algorithms,
    )


def _not_kept(error: mongo.Error) -> Response:
    """Known here, but not yet to the other replicas. Raises what is not an absence of the database."""
    if not mongo.is_away(error):
        raise error
    return http.refusal(503, "This could not be kept: send it again.", {"retry-after": "1"})
