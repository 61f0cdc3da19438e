"""Tokens that nobody must believe."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey

Json = dict[str, Any]


def _part(data: object) -> str:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def claims(**changes: object) -> Json:
    """What a good token says; a claim that is changed to None is left out."""
    now = int(time.time())
    said = {"sub": "customer-1", "iat": now - 5, "exp": now + 600, **changes}
    return {name: value for name, value in said.items() if value is not None}


def unsigned(algorithm: object, signature: str = "") -> str:
    """A token without a signature worth the name."""
    return f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{_part(claims())}.{signature}"


def signed(secret: str, header: Mapping[str, Any] = {}, **changes: object) -> str:
    """A token signed with a shared secret."""
    key = OctKey.import_key(secret)
    return jwt.encode(
        {"alg": "HS256", **header}, claims(**changes), key, algorithms=["HS256", "HS384", "HS512"]
    )


def signed_text(secret: str, payload: bytes) -> str:
    """A signature over what need not be claims."""

    return jws.serialize_compact({"alg": "HS256"}, payload, OctKey.import_key(secret))


def by_a_key_of_its_own() -> str:
    """Signed by an RSA key that the token brings with it."""
    key = RSAKey.generate_key(2048, private=True)
    header = {"alg": "RS256", "jwk": key.as_dict(private=False), "jku": "http://127.0.0.1:9/keys", "kid": "x"}
    return jwt.encode(header, claims(), key, algorithms=["RS256"])


def _torn(secret: str) -> str:
    head, _, signature = signed(secret).split(".")
    return f"{head}.{_part({**claims(), 'sub': 'customer-2'})}.{signature}"


SECRET_TOKENS: Mapping[str, Callable[[str], str]] = {
    "nothing but dots": lambda _: "..",
    "no token at all": lambda _: "nonsense",
    "two parts": lambda secret: signed(secret).rpartition(".")[0],
    "four parts": lambda secret: signed(secret) + ".x",
    "five parts, as if encrypted": lambda secret: signed(secret) + ".x.y",
    "expired": lambda secret: signed(secret, exp=int(time.time()) - 3600),
    "not valid yet": lambda secret: signed(secret, nbf=int(time.time()) + 3600),
    "without an end": lambda secret: signed(secret, exp=None),
    "an end that is a word": lambda secret: signed_text(secret, _claims_with('"never"')),
    "an end that is not a number": lambda secret: signed_text(secret, _claims_with("NaN")),
    "an end beyond all numbers": lambda secret: signed_text(secret, _claims_with("1e400")),
    "an end that is true": lambda secret: signed_text(secret, _claims_with("true")),
    "an end that is a list": lambda secret: signed_text(secret, _claims_with("[]")),
    "of nobody": lambda secret: signed(secret, sub=None),
    "of an empty name": lambda secret: signed(secret, sub=""),
    "of a number": lambda secret: signed_text(secret, json.dumps(claims(sub=7181)).encode()),
    "of an operator": lambda secret: signed_text(secret, json.dumps(claims(sub={"$ne": ""})).encode()),
    "of a name of a thousand letters": lambda secret: signed(secret, sub="x" * 1000),
    "by another secret": lambda _: signed("another secret of 32 bytes, or even more"),
    "by an empty secret": lambda _: f"{_part({'alg': 'HS256'})}.{_part(claims())}.{_part(bytes(32))}",
    "another's claims under one's signature": _torn,
    "its signature cut short": lambda secret: signed(secret)[:-4],
    "alg none": lambda _: unsigned("none"),
    "alg None": lambda _: unsigned("None"),
    "alg NONE": lambda _: unsigned("NONE"),
    "alg nOnE with a signature": lambda _: unsigned("nOnE", "x"),
    "alg null": lambda _: unsigned(None),
    "alg a list": lambda _: unsigned(["HS256"]),
    "alg of no meaning": lambda _: unsigned("HS1"),
    "HS384": lambda secret: signed(secret, {"alg": "HS384"}),
    "HS512": lambda secret: signed(secret, {"alg": "HS512"}),
    "a key of its own": lambda _: by_a_key_of_its_own(),
    "a critical header nobody knows": lambda secret: _critical(secret),
    "its claims a list": lambda secret: signed_text(secret, b"[]"),
    "its claims null": lambda secret: signed_text(secret, b"null"),
    "its claims no JSON": lambda secret: signed_text(secret, b"{"),
    "its claims no UTF-8": lambda secret: signed_text(secret, b'{"sub": "\xff"}'),
    "its claims nested without end": lambda secret: signed_text(secret, b"[" * 3000),
    "seven thousand letters": lambda secret: signed(secret, padding="x" * 7000)[:-1] + "!",
    "more than anybody reads": lambda secret: signed(secret, padding="x" * 9000),
}
"""What each is called, and how it is made of the shared secret that good ones are signed with."""


def _claims_with(end: str) -> bytes:
    return json.dumps(claims(exp=None)).encode()[:-1] + f', "exp": {end}}}'.encode()


def _critical(secret: str) -> str:
    head = {"alg": "HS256", "crit": ["unheard-of"], "unheard-of": True}
    return by_hand(head, claims(), secret.encode())


def by_hand(head: Json, said: Json, key: bytes, digest: str = "sha256") -> str:
    """Signed with any key at all: libraries refuse to use the wrong ones."""
    signing = f"{_part(head)}.{_part(said)}"
    return f"{signing}.{_part(hmac.digest(key, signing.encode(), digest))}"
