import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from bff.auth import Authenticator, NotAuthenticatedError
from tests.bff.asking import SECRET, Gateway
from tests.bff.conftest import Open

NOW = 1_800_000_000.0
GOOD = {"sub": "customer-1", "exp": int(NOW) + 60}


def part(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def forged(
    claims: object, secret: str = SECRET, digest: Callable[..., Any] = hashlib.sha256, **header: Any
) -> str:
    """A token made by hand, so that nothing refuses to make it."""
    text = f"{part({'alg': 'HS256', **header})}.{part(claims)}"
    signature = hmac.new(secret.encode(), text.encode(), digest).digest()
    return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def unsigned(claims: object, alg: str) -> str:
    return f"{part({'alg': alg})}.{part(claims)}."


@pytest.fixture
def authenticator() -> Authenticator:
    return Authenticator(SECRET, clock=lambda: NOW)


def test_a_good_token_says_who_asks(authenticator: Authenticator) -> None:
    assert authenticator.customer(forged(GOOD)) == "customer-1"
    assert authenticator.customer(forged({**GOOD, "sub": "김" * 100})) == "김" * 100
    assert authenticator.customer(authenticator.issue("customer-2", 60)) == "customer-2"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(forged({**GOOD, "exp": int(NOW) - 1}), id="expired"),
        pytest.param(forged({**GOOD, "nbf": int(NOW) + 9}), id="not yet"),
        pytest.param(forged({"sub": "customer-1"}), id="for ever"),
        pytest.param(forged({**GOOD, "exp": "tomorrow"}), id="exp is no number"),
        pytest.param(forged(GOOD, secret="another secret of 32 bytes or more"), id="wrong secret"),
        pytest.param(unsigned(GOOD, "none"), id="alg none"),
        pytest.param(unsigned(GOOD, "None"), id="alg None"),
        pytest.param(unsigned(GOOD, "HS256"), id="no signature"),
        pytest.param(forged(GOOD, digest=hashlib.sha512, alg="HS512"), id="alg HS512"),
        pytest.param(forged(GOOD, alg="RS256"), id="alg RS256, signed with what may be public"),
        pytest.param(forged(GOOD, alg=["HS256"]), id="alg is a list"),
        pytest.param(forged(GOOD, crit=["b64"], b64=False), id="crit that we do not know"),
        pytest.param(forged({"exp": GOOD["exp"]}), id="no sub"),
        pytest.param(forged({**GOOD, "sub": 7181}), id="sub is a number"),
        pytest.param(forged({**GOOD, "sub": None}), id="sub is null"),
        pytest.param(forged({**GOOD, "sub": ["customer-1"]}), id="sub is a list"),
        pytest.param(forged({**GOOD, "sub": ""}), id="sub is empty"),
        pytest.param(forged({**GOOD, "sub": "c" * 101}), id="sub is too long"),
        pytest.param(forged([GOOD]), id="claims are a list"),
        pytest.param(forged({**GOOD, "more": "x" * 8192}), id="good but huge"),
        pytest.param(f"{part('x' * 4000)}.e30.e30", id="header is no object"),
        pytest.param(f"{base64.urlsafe_b64encode(b'[' * 5000).decode()}.e30.e30", id="header is a pit"),
        *("", ".", "..", "....", "a.b.c", "토큰", "a" * 8192, "\ud800"),
    ],
)
def test_any_other_token_says_nothing(authenticator: Authenticator, token: str) -> None:
    with pytest.raises(NotAuthenticatedError) as refused:
        authenticator.customer(token)
    assert str(refused.value) == ""


def test_a_token_is_good_until_it_expires_and_no_longer() -> None:
    now = [NOW]
    authenticator = Authenticator(SECRET, clock=lambda: now[0])
    token = authenticator.issue("customer-1", 60)
    now[0] = NOW + 59.9
    assert authenticator.customer(token) == "customer-1"
    now[0] = NOW + 61
    with pytest.raises(NotAuthenticatedError):
        authenticator.customer(token)


def test_nobody_asks_without_a_header(authenticator: Authenticator) -> None:
    assert authenticator.from_header(None) is None


@pytest.mark.parametrize("header", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer   {}", " Bearer {} "])
def test_a_bearer_header_is_read_however_it_is_written(authenticator: Authenticator, header: str) -> None:
    assert authenticator.from_header(header.format(forged(GOOD))) == "customer-1"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "{}",
        "Basic {}",
        "Token {}",
        "Bearer {} {}",
        "Bearer: {}",
        "Bearer\t{}",
        "X" * 9999,
    ],
)
def test_any_other_header_is_refused_not_passed_over(authenticator: Authenticator, header: str) -> None:
    token = forged(GOOD)
    with pytest.raises(NotAuthenticatedError):
        authenticator.from_header(header.format(token, token))


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
@pytest.mark.parametrize("value", ["Bearer {}", "bearer {}", "{}"])
def test_connection_init_is_read_as_clients_write_it(
    authenticator: Authenticator, name: str, value: str
) -> None:
    assert authenticator.from_connection_init({name: value.format(forged(GOOD))}) == "customer-1"


@pytest.mark.parametrize(
    "payload",
    [
        *(None, "text", 7, [], {}),
        *({"authorization": value} for value in (None, "", 7, ["Bearer x"], "Basic x", "Bearer x")),
        {"AUTHORIZATION": f"Bearer {forged(GOOD)}"},
        {"headers": {"authorization": f"Bearer {forged(GOOD)}"}},
    ],
)
def test_any_other_connection_init_is_refused(authenticator: Authenticator, payload: object) -> None:
    with pytest.raises(NotAuthenticatedError):
        authenticator.from_connection_init(payload)


@pytest.mark.parametrize(("given", "customer"), [("7181", "7181"), (7181, "7181"), ("김철수", "김철수")])
async def test_a_dev_token_is_a_token(gateway: Gateway, given: object, customer: str) -> None:
    status, _, body = await gateway.ask("POST", "/dev/token", json={"customerId": given})
    said = json.loads(body)
    assert (status, said["expiresIn"]) == (200, 12 * 3600)
    assert Authenticator(SECRET).customer(said["token"]) == customer


@pytest.mark.parametrize(
    "body",
    [
        *("", "{", "null", "7181", '"7181"', "[]", "{}"),
        *('{"customerId": ""}', '{"customerId": null}', '{"customerId": true}', '{"customerId": ["7181"]}'),
        *(json.dumps({"customerId": "c" * 101}), '{"customerId": "\\ud800"}', '{"customer_id": "7181"}'),
        "\xff",
    ],
)
async def test_a_dev_login_that_makes_no_sense_is_told_how(gateway: Gateway, body: str) -> None:
    status, _, said = await gateway.ask("POST", "/dev/token", data=body.encode("latin-1"))
    assert (status, "customerId" in json.loads(said)["error"]) == (400, True)


async def test_a_dev_login_that_never_ends_is_not_read_to_its_end(gateway: Gateway) -> None:
    status, _, _ = await gateway.ask("POST", "/dev/token", data=b" " * (64 * 1024 + 1))
    assert status == 413


async def test_nobody_gets_a_token_where_dev_login_is_off(open_gateway: Open) -> None:
    async with open_gateway() as gateway:
        status, _, _ = await gateway.ask("POST", "/dev/token", json={"customerId": "7181"})
    assert status == 404
