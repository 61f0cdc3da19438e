"""Who asks, as a token says it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """A customer with a token. Times are in seconds since the epoch."""

    customer_id: str
    expires_at: float
    issued_at: float | None = None
    token_id: str | None = None
    """The token's `jti`, or else a hash of it."""
    key_id: str | None = None
    """Which of the issuer's keys it was signed with, where there are several."""
    roles: frozenset[str] = frozenset()
    """What else they are besides a customer."""
