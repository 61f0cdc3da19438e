"""Keys of which an issuer publishes one half, and what they signed.

Takes in all of cryptography, 9 MiB: imported where an issuer publishes keys, and nowhere else.
"""

import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from bff.keys import CURVES, PUBLISHED, RSA

RSA_BITS: Final = 2048
"""Shorter keys can be broken."""


class _Signature(JWSRegistry):
    """Nothing but one algorithm; headers that nobody calls critical may say what they like."""

    max_header_length = 4096

    def __init__(self, algorithm: str) -> None:
        super().__init__(algorithms=[algorithm], strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        """The algorithm. Raises UnsupportedAlgorithmError for any other."""
        if self.allowed is None or name not in self.allowed:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


@dataclass(frozen=True)
class PublishedKey:
    """A key that verifies, and signs nothing."""

    key: RSAKey | ECKey | OKPKey = field(repr=False)
    algorithms: frozenset[str]
    id: str

    def read(self, token: str, algorithm: str) -> dict[str, Any]:
        """What a token says that the other half of this key signed. Raises ValueError."""
        try:
            return jwt.decode(token, self.key, registry=_Signature(algorithm)).claims
        except (JoseError, TypeError, RecursionError) as error:
            raise ValueError(str(error)) from error


def published(document: bytes, allowed: Collection[str] = PUBLISHED) -> tuple[PublishedKey, ...]:
    """The keys of a JSON Web Key Set that we can use, without the others. Raises ValueError where none is."""
    said: Any = orjson.loads(document)
    if not isinstance(said, dict) or not isinstance(said.get("keys"), list):
        raise ValueError("it is no JSON Web Key Set")  # noqa: TRY004 # what is wrong is what was read
    keys = tuple(_usable(said["keys"], frozenset(allowed)))
    if not keys:
        raise ValueError("it has no key that could verify a token")
    return keys


def _usable(keys: list[Any], allowed: frozenset[str]) -> Iterator[PublishedKey]:
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
            yield PublishedKey(found, algorithms, _id(each) or found.thumbprint())


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
