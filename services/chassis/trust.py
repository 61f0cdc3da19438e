"""How services know one another: short-lived tokens, signed with a secret that all of them have."""

import re
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis import http, token
from services.chassis.logs import logger
from services.chassis.settings import ProcessSettings

log = logger(__name__)

Credentials = Callable[[], str]
"""The value of an Authorization header, as it has to be now."""

TOKEN_SECONDS = 60
SKEW_SECONDS = 30
"""By so much the clocks of two machines may differ."""

KNOWN_AT_MOST = 256
"""Headers; callers are few."""

OPEN = frozenset({"/healthz", "/readyz", "/metrics"})
"""What anybody may ask."""

BEARER = re.compile(r"Bearer +([\w.-]{1,2048})", re.IGNORECASE | re.ASCII)
REFUSAL = "Only the system's own services may ask: send a service token (fruitstore service-token)."


def credentials(
    caller: str, service: str, secret: str, clock: Callable[[], float] = time.time
) -> Credentials:
    """What `caller` shows to `service`: the same token for half its life, so that it costs nothing."""
    header, renew_at = "", 0.0

    def show() -> str:
        nonlocal header, renew_at
        now = clock()
        if now >= renew_at or now < renew_at - TOKEN_SECONDS:  # so long ago that the clock was set back
            claims = {"iss": caller, "aud": service, "iat": int(now), "exp": int(now) + TOKEN_SECONDS}
            header = f"Bearer {token.signed(claims, secret)}"
            renew_at = now + TOKEN_SECONDS / 2
        return header

    return show


class Trust:
    """Whom one service believes to be of the system."""

    def __init__(
        self,
        service: str,
        settings: ProcessSettings,
        registry: CollectorRegistry,
        clock: Callable[[], float] = time.time,
    ) -> None:
        secrets = (settings.service_secret, settings.service_secret_previous)
        self._secrets = [each.get_secret_value() for each in secrets if each]
        self._service = service
        self._clock = clock
        self._accepted: dict[str, float] = {}
        """Headers that were good, and until when they are: a caller shows the same one for half a minute."""
        self._refused = Counter(
            "internal_requests_refused", "Requests without a good service token.", registry=registry
        )

    def accepts(self, header: str | None) -> bool:
        """Whether an Authorization header shows that a service asks; counted where not."""
        if self._clock() < self._accepted.get(header or "", 0.0):
            return True
        match = BEARER.fullmatch(header or "")
        expires = (self._expiry(match[1], each) for each in self._secrets) if match else iter(())
        until = next((each for each in expires if each is not None), None)
        if header is None or until is None:
            self._refused.inc()
            return False
        if len(self._accepted) >= KNOWN_AT_MOST:
            self._accepted.clear()
        self._accepted[header] = until
        return True

    def _expiry(self, shown: str, secret: str) -> float | None:
        """Until when a token is good; None where it is not."""
        try:
            claims = token.read(shown, secret)
            until = float(claims["exp"]) + SKEW_SECONDS
            is_of_now = float(claims.get("iat", 0)) - SKEW_SECONDS <= self._clock() <= until
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
            return None
        meant_for = claims.get("aud")
        is_ours = self._service in (meant_for if isinstance(meant_for, list) else [meant_for])
        return until if is_of_now and is_ours and claims.get("iss") else None


class Guard:
    """ASGI middleware: what is not open is for the system's own services alone; 401 for everybody else."""

    def __init__(self, app: ASGIApp, trust: Trust) -> None:
        self._app = app
        self._trust = trust

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, or refuse before anything is read."""
        if scope["type"] == "lifespan" or scope["path"] in OPEN or self._trusts(scope):
            await self._app(scope, receive, send)
        else:
            log.debug("refused: no good service token", path=scope["path"])
            await refusal()(scope, receive, send)

    def _trusts(self, scope: Scope) -> bool:
        return self._trust.accepts(Headers(scope=scope).get("authorization"))


def refusal() -> JSONResponse:
    """What is answered to whoever is not of the system."""
    return http.refusal(401, REFUSAL, {"www-authenticate": "Bearer"})
