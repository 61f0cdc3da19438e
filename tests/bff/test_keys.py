"""Which keys verify which tokens."""

import base64
import hashlib
import hmac
import json
import warnings
from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OctKey, OKPKey

from bff.keys import PUBLISHED, SHARED, shared
from bff.published import published
from tests.bff.issuing import published as as_published
from tests.bff.issuing import rsa

RSA = rsa()
P256 = ECKey.generate_key("P-256")
ED = OKPKey.generate_key("Ed25519")


def document(*keys: Any) -> bytes:
    return json.dumps({"keys": keys}).encode()


@pytest.mark.parametrize(
    ("said", "algorithms"),
    [
        (as_published(RSA), {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
        (as_published(RSA, alg="RS256", use="sig", key_ops=["verify"]), {"RS256"}),
        (as_published(P256), {"ES256"}),
        (as_published(ECKey.generate_key("P-384")), {"ES384"}),
        (as_published(ECKey.generate_key("P-521")), {"ES512"}),
        (as_published(ED), {"EdDSA", "Ed25519"}),
    ],
    ids=lambda said: str(said)[:20],
)
def test_a_key_is_for_the_algorithms_of_its_kind_alone(said: dict[str, Any], algorithms: set[str]) -> None:
    (key,) = published(document(said))
    assert key.id == "one"
    assert key.algorithms == algorithms
    assert not key.algorithms & (SHARED | {"none"})


def test_a_secret_is_for_hmac_alone() -> None:
    assert shared("x" * 32).algorithms == {"HS256"}
    assert shared("x" * 32, PUBLISHED).algorithms == set()


def test_algorithms_can_be_fewer() -> None:
    keys = published(document(as_published(RSA, "rsa"), as_published(P256, "p256")), ["ES256"])
    assert [(key.id, key.algorithms) for key in keys] == [("p256", frozenset({"ES256"}))]


def test_a_key_without_a_name_is_named_by_its_thumbprint() -> None:
    (key,) = published(document(as_published(RSA, None)))
    assert key.id == RSA.thumbprint()


def short() -> Key:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return rsa(1024)


USELESS: list[Any] = [
    *(
        None,
        7,
        "key",
        [],
        {},
        {"kty": "RSA"},
        {"kty": "RSA", "n": 3, "e": 3},
        {"kty": "RSA", "n": "!", "e": "!"},
    ),
    *({"kty": "RSA", "n": "AA", "e": "AQAB"}, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
    *({"kty": "EC", "crv": ["P-256"], "x": "AA", "y": "AA"}, {"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
    *({"kty": "LATTICE", "kid": "one"}, {"kty": ["RSA"]}, short().as_dict(private=False)),
    OctKey.generate_key(256).as_dict(),
    as_published(OKPKey.generate_key("X25519")),
    *(as_published(RSA, use="enc"), as_published(RSA, key_ops=["encrypt"]), as_published(RSA, key_ops=7)),
    *(as_published(RSA, alg="HS256"), as_published(RSA, alg="none"), as_published(RSA, alg=None)),
    *(as_published(RSA, alg=["RS256"]), as_published(P256, alg="RS256"), as_published(RSA, alg="RSA-OAEP")),
]


@pytest.mark.parametrize("useless", USELESS, ids=lambda said: str(said)[:40])
def test_a_key_of_no_use_is_passed_over(useless: Any) -> None:
    (key,) = published(document(useless, as_published(P256, "good"), useless))
    assert key.id == "good"
    with pytest.raises(ValueError, match="no key"):
        published(document(useless))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"7",
        b'{"keys": null}',
        b'{"keys": {}}',
        b'{"keys": []}',
        b"\xff",
        b"[" * 9999,
    ],
)
def test_what_is_no_key_set_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        published(text)


def hmac_signed_with(material: bytes, alg: str, kid: str = "one") -> str:
    """A token whose HMAC secret is what everybody can read: a published key."""

    def part(said: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

    text = f"{part({'alg': alg, 'kid': kid})}.{part({'sub': 'customer-1', 'exp': 4_000_000_000})}"
    digest = hmac.new(material, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
