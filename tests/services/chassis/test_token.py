"""Tokens of a shared secret are JSON Web Tokens as others write and read them, and nothing else is one."""

import base64
import json
import string
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from services.chassis import token
from tests.trust import SERVICE_SECRET

CLAIMS = {"iss": "bff", "aud": "order", "iat": 1, "exp": 2**31, "what": "서울"}
KEY = OctKey.import_key(SERVICE_SECRET)


def test_others_read_what_we_write_and_we_read_what_they_write() -> None:
    assert jwt.decode(token.signed(CLAIMS, SERVICE_SECRET), KEY).claims == CLAIMS
    for algorithm in token.DIGESTS:
        written = jwt.encode({"alg": algorithm}, CLAIMS, KEY, algorithms=[algorithm])
        assert token.header(written) == {"alg": algorithm, "typ": "JWT"}
        assert token.read(written, SERVICE_SECRET, algorithm) == CLAIMS


def written(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def sealed(said: str) -> str:
    """What whoever knows the secret may sign by mistake."""
    return f"{said}.{token._signature(said, SERVICE_SECRET, token.HS256)}"


GOOD = token.signed(CLAIMS, SERVICE_SECRET)


@pytest.mark.parametrize(
    "wrong",
    [
        *("", ".", "..", "...", "a", "a.b", "a.b.c", "토큰"),
        *(GOOD[:-1], f"{GOOD}=", f"{GOOD}A", f".{GOOD}", f"{GOOD}.", GOOD.upper()),
        token.signed(CLAIMS, "another secret of 32 bytes, or so"),
        jwt.encode({"alg": "HS512"}, CLAIMS, KEY, algorithms=["HS512"]),
        sealed(f"{written({'alg': 'none'})}.{written(CLAIMS)}"),
        sealed(f"{written({'alg': 'HS256', 'crit': ['b64'], 'b64': False})}.{written(CLAIMS)}"),
        sealed(f"{written(['HS256'])}.{written(CLAIMS)}"),
        sealed(f"{written({'alg': 'HS256'})}.{written('claims')}"),
        *map(sealed, ("", "a", "a.b", f"{written({'alg': 'HS256'})}.{written(CLAIMS)}.e30")),
    ],
)
def test_whatever_is_not_one_is_a_value_error(wrong: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        token.read(wrong, SERVICE_SECRET)


def test_the_last_character_of_a_signature_counts_as_it_is_written() -> None:
    """Two bits of it are nobody's: another one would decode to the same octets."""
    others = [GOOD[:-1] + each for each in f"{string.ascii_letters}{string.digits}-_"]
    read = [each for each in others if _is_read(each)]
    assert read == [GOOD]


def _is_read(text: str) -> bool:
    try:
        return token.read(text, SERVICE_SECRET) == CLAIMS
    except ValueError:
        return False
