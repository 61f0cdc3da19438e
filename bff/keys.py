"""Keys that customers' tokens are signed with, each pinned to the algorithms that its kind is made for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.chassis import token as tokens

SHARED = frozenset(tokens.DIGESTS)
"""For a secret that issuer and gateway share."""

RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
CURVES: Mapping[object, frozenset[str]] = {
    "P-256": frozenset({"ES256"}),
    "P-384": frozenset({"ES384"}),
    "P-521": frozenset({"ES512"}),
    "Ed25519": frozenset({"EdDSA", "Ed25519"}),
}
PUBLISHED = RSA.union(*CURVES.values())
"""For keys of which an issuer publishes one half."""


class VerifyingKey(Protocol):
    """What a signature is verified with."""

    @property
    def algorithms(self) -> frozenset[str]:
        """Those that it may be used with."""
        ...

    @property
    def id(self) -> str | None:
        """What it can be taken back by; None for the shared secret, which never is."""
        ...

    def read(self, token: str, algorithm: str) -> dict[str, Any]:
        """What a token says that this key signed, and in this way. Raises ValueError for any other."""
        ...


@dataclass(frozen=True)
class SharedSecret:
    """A key that verifies, and signs as well."""

    secret: str = field(repr=False)
    algorithms: frozenset[str]
    id: None = None

    def read(self, token: str, algorithm: str) -> dict[str, Any]:
        """What a token says that was signed with the secret."""
        return tokens.read(token, self.secret, algorithm)


def shared(secret: str, allowed: Collection[str] = (tokens.HS256,)) -> SharedSecret:
    """The key that a shared secret is."""
    return SharedSecret(secret, SHARED.intersection(allowed))
