"""Tokens that nobody must believe where an issuer publishes its keys."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.bff.issuing import signed
from tests.hostile.forged import by_hand, claims, unsigned

ISSUER, AUDIENCE = "https://issuer.example", "fruitstore"
NAMED: Final[dict[str, Any]] = {"iss": ISSUER, "aud": AUDIENCE}


def good(key: RSAKey, **changes: Any) -> str:
    """One of the issuer's, changed somewhere; a claim that is changed to None is left out."""
    return jwt.encode(
        {"alg": "RS256", "kid": "one"}, claims(**{**NAMED, **changes}), key, algorithms=["RS256"]
    )


def _shared(secret: str, algorithm: str = "HS256", **header: Any) -> str:
    whole = {"alg": algorithm, "kid": "one", **header}
    return by_hand(whole, {**claims(), **NAMED}, secret.encode(), f"sha{algorithm.removeprefix('HS')}")


def _pem(key: RSAKey, *, stripped: bool = False) -> str:
    text = key.as_pem(private=False).decode()
    return text.strip() if stripped else text


def _kid(key: RSAKey, kid: str | None) -> str:
    return signed(RSAKey.generate_key(2048) if kid is None else key, kid=kid, **NAMED)


PUBLISHED_TOKENS: Final[Mapping[str, Callable[[RSAKey], str]]] = {
    "expired": lambda key: good(key, exp=int(time.time()) - 60),
    "not valid yet": lambda key: good(key, nbf=int(time.time()) + 3600),
    "of the future": lambda key: good(key, iat=int(time.time()) + 3600),
    "without an end": lambda key: good(key, exp=None),
    "of nobody": lambda key: good(key, sub=None),
    "of an empty name": lambda key: good(key, sub=""),
    "another issuer": lambda key: good(key, iss="https://evil.example"),
    "an issuer that begins alike": lambda key: good(key, iss=f"{ISSUER}.evil.example"),
    "no issuer": lambda key: good(key, iss=None),
    "another audience": lambda key: good(key, aud="another"),
    "other audiences": lambda key: good(key, aud=["another", "fruitstore2"]),
    "no audience": lambda key: good(key, aud=None),
    "an empty audience": lambda key: good(key, aud=[]),
    "another's key of the same name": lambda _: good(RSAKey.generate_key(2048)),
    "a key nobody published": lambda _: signed(RSAKey.generate_key(2048), kid="two", **NAMED),
    "a key's name that is a path": lambda key: _kid(key, "../../../dev/null"),
    "a key's name that is SQL": lambda key: _kid(key, "one' UNION SELECT 'x"),
    "a key's name of a thousand letters": lambda key: _kid(key, "x" * 1000),
    "another's key without a name": lambda key: _kid(key, None),
    "HS256 with the public key": lambda key: _shared(_pem(key)),
    "HS256 with the public key, stripped": lambda key: _shared(_pem(key, stripped=True)),
    "HS512 with the public key": lambda key: _shared(_pem(key), "HS512"),
    "HS256 with the modulus": lambda key: _shared(str(key.as_dict(private=False)["n"])),
    "HS256 with a key it brings": lambda _: _shared("x" * 40, jwk={"kty": "oct", "k": "eHh4"}),
    "alg none": lambda _: unsigned("none"),
    "alg None": lambda _: unsigned("None"),
    "alg NONE": lambda _: unsigned("NONE"),
    "alg RS256, unsigned": lambda _: unsigned("RS256"),
}
"""What each is called, and how it is made of the issuer's key, where that is needed."""
