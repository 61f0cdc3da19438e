"""Tokens of services: JSON Web Tokens (RFC 7519), of HS256 and nothing else.

The standard library makes them. What reads customers' tokens takes in all of cryptography: 10 MiB for each
service, which has no other use for it.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

HEADER = {"alg": "HS256", "typ": "JWT"}


def signed(claims: Mapping[str, Any], secret: str) -> str:
    """A token that says so."""
    said = f"{_written(HEADER)}.{_written(claims)}"
    return f"{said}.{_signature(said, secret)}"


def read(token: str, secret: str) -> dict[str, Any]:
    """What a token says. Raises ValueError. Of one that is not signed with this secret nothing is read."""
    said, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_signature(said, secret).encode(), signature.encode()):
        raise ValueError("it is not signed with this secret")
    header, claims = (_object(part) for part in said.split("."))
    if header.get("alg") != HEADER["alg"] or "crit" in header:
        raise ValueError("it is to be read in another way")
    return claims


def _signature(said: str, secret: str) -> str:
    return _text(hmac.digest(secret.encode(), said.encode(), "sha256"))


def _written(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _object(part: str) -> dict[str, Any]:
    value = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(value, dict):
        raise ValueError("it is no object")  # noqa: TRY004 # all that is wrong with a token is one kind of error
    return value


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
