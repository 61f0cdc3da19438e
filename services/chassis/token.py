"""JSON Web Tokens (RFC 7519) that are signed with a shared secret: HS256, HS384 and HS512, and nothing else.

The standard library makes and reads them. What reads those of published keys takes in all of cryptography:
9 MiB for a process, which has no other use for it.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final

HS256: Final = "HS256"
DIGESTS: Final = {HS256: "sha256", "HS384": "sha384", "HS512": "sha512"}


def signed(claims: Mapping[str, Any], secret: str) -> str:
    """A token that says so, of HS256."""
    said = f"{_written({'alg': HS256, 'typ': 'JWT'})}.{_written(claims)}"
    return f"{said}.{_signature(said, secret, HS256)}"


def read(token: str, secret: str, algorithm: str = HS256) -> dict[str, Any]:
    """What a token says. Raises ValueError. Of one that is not signed with this secret nothing is read."""
    said, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_signature(said, secret, algorithm).encode(), signature.encode()):
        raise ValueError("it is not signed with this secret")
    header, claims = (_object(part) for part in said.split("."))
    if header.get("alg") != algorithm or "crit" in header:
        raise ValueError("it is to be read in another way")
    return claims


def header(token: str) -> dict[str, Any]:
    """What stands before a token's first dot, whoever wrote it. Raises ValueError."""
    return _object(token.partition(".")[0])


def _signature(said: str, secret: str, algorithm: str) -> str:
    return _text(hmac.digest(secret.encode(), said.encode(), DIGESTS[algorithm]))


def _written(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _object(part: str) -> dict[str, Any]:
    try:
        value = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except RecursionError as error:
        raise ValueError("it is a pit") from error
    if not isinstance(value, dict):
        raise ValueError("it is no object")  # noqa: TRY004 # all that is wrong with a token is one kind of error
    return value


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
