import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from bff import auth
from bff.auth import Authenticator, NotAuthenticatedError
from bff.claims import ANY, Rules
from bff.dev_login import Issuer
from bff.keys import shared
from services.chassis import token as tokens
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


def deep(levels: int) -> str:
    """A header that some parsers take and others do not."""
    header = b'{"alg":"HS256","x":' + b"[" * levels + b"]" * levels + b"}"
    return f"{base64.urlsafe_b64encode(header).decode().rstrip('=')}.e30.e30"


def unsigned(claims: object, alg: str) -> str:
    return f"{part({'alg': alg})}.{part(claims)}."


def reading(rules: Rules = ANY, clock: Callable[[], float] = lambda: NOW) -> Authenticator:
    return Authenticator(shared(SECRET), rules=rules, clock=clock)


@pytest.fixture
def authenticator() -> Authenticator:
    return reading()


async def test_a_good_token_says_who_asks(authenticator: Authenticator) -> None:
    for customer in ("customer-1", "김" * 100):
        assert (await authenticator.identify(forged({**GOOD, "sub": customer}))).customer_id == customer
    issued = Issuer(SECRET, clock=lambda: NOW).issue("customer-2", 60)
    caller = await authenticator.identify(issued)
    assert (caller.customer_id, caller.expires_at, caller.issued_at) == ("customer-2", NOW + 60, NOW)
    assert caller.token_id
    assert caller.key_id is None


async def test_the_signature_of_a_token_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now, looked_at = [float(NOW)], []
    read = tokens.read

    def reading_one(token: str, secret: str, algorithm: str) -> dict[str, Any]:
        looked_at.append(token)
        return read(token, secret, algorithm)

    monkeypatch.setattr(tokens, "read", reading_one)
    authenticator = reading(clock=lambda: now[0])
    token = forged({**GOOD, "exp": NOW + 60})
    assert await authenticator.identify(token) == await authenticator.identify(token)
    assert looked_at == [token]
    now[0] = NOW + 66
    with pytest.raises(NotAuthenticatedError):
        await authenticator.identify(token)


async def test_a_token_that_is_known_is_judged_by_the_clock_as_ever() -> None:
    now = [NOW]
    authenticator = reading(Rules(leeway_seconds=5), clock=lambda: now[0])
    token = forged({**GOOD, "nbf": int(NOW)})
    for moment, good in ((0, True), (59, True), (64, True), (70, False), (30, True), (-4, True), (-6, False)):
        now[0] = NOW + moment
        if good:
            await authenticator.identify(token)
        else:
            with pytest.raises(NotAuthenticatedError):
                await authenticator.identify(token)


async def test_what_was_signed_with_another_key_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    authenticator, token = reading(), forged(GOOD)
    await authenticator.identify(token)
    monkeypatch.setattr(authenticator, "_secret", shared("another secret of 32 bytes or more"))
    with pytest.raises(NotAuthenticatedError):
        await authenticator.identify(token)


async def test_no_more_tokens_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "KNOWN_AT_MOST", 3)
    authenticator = reading()
    for number in range(5):
        await authenticator.identify(forged({**GOOD, "sub": f"customer-{number}"}))
    await authenticator.identify(forged({**GOOD, "more": "x" * 3000}))
    assert len(authenticator._known) == 3


async def test_a_token_without_a_name_is_named_by_what_was_signed(authenticator: Authenticator) -> None:
    one, other = [await authenticator.identify(forged({**GOOD, "n": n})) for n in (1, 2)]
    assert one.token_id != other.token_id
    assert one.token_id == (await authenticator.identify(forged({**GOOD, "n": 1}))).token_id
    assert (await authenticator.identify(forged({**GOOD, "jti": "7"}))).token_id == "7"


async def test_headers_that_are_not_critical_may_be_there(authenticator: Authenticator) -> None:
    token = forged(GOOD, kid="shared", cat="cl_1", x5t="abc")
    assert (await authenticator.identify(token)).customer_id == "customer-1"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(forged({**GOOD, "exp": int(NOW) - 6}), id="expired"),
        pytest.param(forged({**GOOD, "nbf": int(NOW) + 9}), id="not yet"),
        pytest.param(forged({**GOOD, "iat": int(NOW) + 9}), id="of tomorrow"),
        pytest.param(forged({"sub": "customer-1"}), id="for ever"),
        pytest.param(forged({**GOOD, "exp": float("nan")}), id="exp is NaN"),
        pytest.param(forged({**GOOD, "exp": True}), id="exp is true"),
        pytest.param(forged({**GOOD, "exp": 10**400}), id="exp is beyond all numbers"),
        pytest.param(forged({**GOOD, "jti": 7}), id="jti is a number"),
        pytest.param(forged({**GOOD, "sub": "\ud800"}), id="sub is half a character"),
        pytest.param(forged(GOOD, kid=7), id="kid is a number"),
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
        *(pytest.param(deep(depth), id=f"header is {depth} deep") for depth in range(850, 1050, 20)),
        pytest.param(f"{base64.urlsafe_b64encode(b'[' * 5000).decode()}.e30.e30", id="header is a pit"),
        *("", ".", "..", "....", "a.b.c", "토큰", "a" * 8192, "\ud800"),
    ],
)
async def test_any_other_token_says_nothing(authenticator: Authenticator, token: str) -> None:
    with pytest.raises(NotAuthenticatedError) as refused:
        await authenticator.identify(token)
    assert str(refused.value) == ""


async def is_good(authenticator: Authenticator, token: str) -> bool:
    try:
        await authenticator.identify(token)
    except NotAuthenticatedError:
        return False
    return True


@pytest.mark.parametrize(
    ("claim", "inside", "outside"), [("exp", -4, -5), ("nbf", 5, 6), ("iat", 5, 6)], ids=str
)
async def test_clocks_may_differ_by_the_leeway_and_no_more(claim: str, inside: int, outside: int) -> None:
    authenticator = reading(Rules(leeway_seconds=5))
    assert await is_good(authenticator, forged({**GOOD, claim: int(NOW) + inside}))
    assert not await is_good(authenticator, forged({**GOOD, claim: int(NOW) + outside}))
    strict = reading(Rules(leeway_seconds=0))
    assert not await is_good(strict, forged({**GOOD, claim: int(NOW) + inside}))


async def test_what_stays_open_is_good_until_its_token_expires_whatever_clocks_may_differ() -> None:
    now = [NOW]
    authenticator = reading(clock=lambda: now[0])
    caller = await authenticator.identify(forged(GOOD))
    now[0] = NOW + 59.9
    assert authenticator.is_still_good(caller)
    now[0] = NOW + 60
    assert not authenticator.is_still_good(caller)


@pytest.mark.parametrize(
    ("claims", "good"),
    [
        ({"iss": "https://issuer", "aud": "fruitstore"}, True),
        ({"iss": "https://issuer", "aud": ["other", "fruitstore"]}, True),
        ({"iss": "https://issuer"}, False),
        ({"aud": "fruitstore"}, False),
        ({}, False),
        ({"iss": "https://issuer", "aud": "other"}, False),
        ({"iss": "https://issuer", "aud": []}, False),
        ({"iss": "https://issuer", "aud": {"fruitstore": True}}, False),
        ({"iss": "https://issuer/", "aud": "fruitstore"}, False),
        ({"iss": ["https://issuer"], "aud": "fruitstore"}, False),
        ({"iss": None, "aud": None}, False),
    ],
    ids=str,
)
async def test_who_issued_it_and_for_whom_is_asked_where_named(claims: dict[str, Any], good: bool) -> None:  # noqa: FBT001 - a case of the table
    rules = Rules(issuer="https://issuer", audience="fruitstore")
    assert await is_good(reading(rules), forged({**GOOD, **claims})) is good


async def test_a_dev_token_says_what_the_gateway_asks_for() -> None:
    rules = Rules(issuer="https://issuer", audience="fruitstore")
    token = Issuer(SECRET, rules, lambda: NOW).issue("customer-1", 60)
    assert await is_good(reading(rules), token)


async def test_nobody_asks_without_a_header(authenticator: Authenticator) -> None:
    assert await authenticator.from_header(None) is None


@pytest.mark.parametrize("header", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer   {}", " Bearer {} "])
async def test_a_bearer_header_is_read_however_it_is_written(
    authenticator: Authenticator, header: str
) -> None:
    caller = await authenticator.from_header(header.format(forged(GOOD)))
    assert caller
    assert caller.customer_id == "customer-1"


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
async def test_any_other_header_is_refused_not_passed_over(authenticator: Authenticator, header: str) -> None:
    token = forged(GOOD)
    with pytest.raises(NotAuthenticatedError):
        await authenticator.from_header(header.format(token, token))


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
@pytest.mark.parametrize("value", ["Bearer {}", "bearer {}", "{}"])
async def test_connection_init_is_read_as_clients_write_it(
    authenticator: Authenticator, name: str, value: str
) -> None:
    caller = await authenticator.from_connection_init({name: value.format(forged(GOOD))})
    assert caller.customer_id == "customer-1"


@pytest.mark.parametrize(
    "payload",
    [
        *(None, "text", 7, [], {}),
        *({"authorization": value} for value in (None, "", 7, ["Bearer x"], "Basic x", "Bearer x")),
        {"AUTHORIZATION": f"Bearer {forged(GOOD)}"},
        {"headers": {"authorization": f"Bearer {forged(GOOD)}"}},
    ],
)
async def test_any_other_connection_init_is_refused(authenticator: Authenticator, payload: object) -> None:
    with pytest.raises(NotAuthenticatedError):
        await authenticator.from_connection_init(payload)


@pytest.mark.parametrize(("given", "customer"), [("7181", "7181"), (7181, "7181"), ("김철수", "김철수")])
async def test_a_dev_token_is_a_token(gateway: Gateway, given: object, customer: str) -> None:
    status, _, body = await gateway.ask("POST", "/dev/token", json={"customerId": given})
    said = json.loads(body)
    assert (status, said["expiresIn"]) == (200, 12 * 3600)
    assert (await Authenticator(shared(SECRET)).identify(said["token"])).customer_id == customer


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
