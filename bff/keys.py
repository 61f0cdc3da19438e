"""Keys that customers' tokens are signed with, each pinned to the algorithms that its kind is made for."""

import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

SHARED = frozenset({"HS256", "HS384", "HS512"})
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

RSA_BITS = 2048
"""Shorter keys can be broken."""


@dataclass(frozen=True)
class VerifyingKey:
    """What a signature is verified with. `id` is None for the shared secret, which is never taken back."""

    key: Key = field(repr=False)
    algorithms: frozenset[str]
    id: str | None = None


def shared(secret: str, allowed: Collection[str] = ("HS256",)) -> VerifyingKey:
    """The key that a shared secret is."""
    return VerifyingKey(OctKey.import_key(secret), SHARED.intersection(allowed))


def published(document: bytes, allowed: Collection[str] = PUBLISHED) -> tuple[VerifyingKey, ...]:
    """The keys of a JSON Web Key Set that we can use, without the others. Raises ValueError where none is."""
    said: Any = orjson.loads(document)
    if not isinstance(said, dict) or not isinstance(said.get("keys"), list):
        raise ValueError("it is no JSON Web Key Set")  # noqa: TRY004 # what is wrong is what was read
    keys = tuple(_usable(said["keys"], frozenset(allowed)))
    if not keys:
        raise ValueError("it has no key that could verify a token")
    return keys


def _usable(keys: list[Any], allowed: frozenset[str]) -> Iterator[VerifyingKey]:
    for each in keys:
        if not isinstance(each, dict) or not _is_for_signatures(each):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SecurityWarning)  # what it warns of is refused below
                found = _imported(each)
        except (JoseError, LookupError, TypeError, ValueError):
            continue
        if found and (algorithms := _pinned(each, found) & allowed):
            yield VerifyingKey(found, algorithms, _id(each) or found.thumbprint())


def _is_for_signatures(said: dict[str, Any]) -> bool:
    operations = said.get("key_ops", ["verify"])
    return said.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _imported(said: dict[str, Any]) -> RSAKey | ECKey | OKPKey | None:
    """None for a kind that we do not know, and for secrets: what is published is none."""
    match said.get("kty"):
        case "RSA":
            key = RSAKey.import_key(said)
            return key if key.raw_value.key_size >= RSA_BITS else None
        case "EC":
            return ECKey.import_key(said)
        case "OKP":
            return OKPKey.import_key(said)
        case _:
            return None


def _pinned(said: dict[str, Any], key: RSAKey | ECKey | OKPKey) -> frozenset[str]:
    """The one algorithm that the issuer names, or all of the key's kind."""
    kind = RSA if isinstance(key, RSAKey) else CURVES.get(said["crv"], frozenset())
    return kind & {said["alg"]} if "alg" in said else kind


def _id(said: dict[str, Any]) -> str | None:
    kid = said.get("kid")
    return kid if isinstance(kid, str) and kid else None
