"""What a customer's token has to say (RFC 7519, section 4.1), besides being signed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rules:
    """An issuer and an audience are asked for where named."""

    issuer: str | None = None
    audience: str | None = None
    leeway_seconds: int = 5
    """By so much the issuer's clock may differ from ours."""

    def check(self, claims: Mapping[str, Any], now: int) -> None:
        """Whether a token may be used now, in seconds since 1970. Raises ValueError, which says why not."""
        early, late = now - self.leeway_seconds, now + self.leeway_seconds
        asked = {"sub", "exp", *(name for name, value in self._named().items() if value)}
        if missing := sorted(name for name in asked if claims.get(name) in (None, "")):
            raise ValueError(f"no {', '.join(missing)}")
        if not all(isinstance(claims[name], str) for name in ("sub", "iss", "jti") if name in claims):
            raise ValueError("sub, iss and jti are texts")
        if not all(_is_a_time(claims[name]) for name in ("exp", "nbf", "iat") if name in claims):
            raise ValueError("exp, nbf and iat are seconds since 1970")
        if claims["exp"] <= early:
            raise ValueError("it has expired")
        if max(claims.get("nbf", late), claims.get("iat", late)) > late:
            raise ValueError("it is of tomorrow")
        if self.issuer and claims["iss"] != self.issuer:
            raise ValueError("it is somebody else's")
        if "aud" in claims and not self._is_meant(claims["aud"]):
            raise ValueError("it is for somebody else")

    def _named(self) -> Mapping[str, str | None]:
        return {"iss": self.issuer, "aud": self.audience}

    def _is_meant(self, audience: object) -> bool:
        """Whether an audience, which is a text or some, is or has ours."""
        each = audience if isinstance(audience, list) else [audience]
        return all(isinstance(name, str) for name in each) and (not self.audience or self.audience in each)


ANY = Rules()


def _is_a_time(value: object) -> bool:
    """A number; `true` is none to JSON, and NaN is never over."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)
