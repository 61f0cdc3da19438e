"""Signing in and out by our own pages: what is told, what is kept where, and who is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bff.cookie import LONGEST
from tests.bff.asking import Gateway, bearer, token
from tests.bff.browsing import FOREIGN, OWN, ours, page, set_by, sign_in, with_cookie
from tests.bff.conftest import Open
from tests.bff.test_auth import forged, part

LATER = 4_000_000_000
EXPIRED = forged({"sub": "customer-1", "exp": 1})
NOBODY = {"customerId": None, "expiresAt": None}


async def session(gateway: Gateway, **headers: str) -> tuple[dict[str, Any], Any]:
    """GET /session: what it says, and its headers."""
    status, got, body = await gateway.ask("GET", "/session", headers=headers)
    assert status == 200
    return json.loads(body), got


def whose(said: dict[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in NOBODY}


async def test_who_signs_in_is_told_so_and_gets_a_cookie_that_no_script_can_read(gateway: Gateway) -> None:
    secret = forged({"sub": "customer-1", "exp": int(datetime.now(UTC).timestamp()) + 600})
    status, headers, body = await sign_in(gateway, secret)
    said, cookie = json.loads(body), set_by(headers)
    assert (status, said["customerId"], said["devLogin"], said["ide"]) == (200, "customer-1", True, False)
    assert 595 <= (datetime.fromisoformat(said["expiresAt"]) - datetime.now(UTC)).total_seconds() <= 600
    assert cookie is not None
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (secret, True, "strict")
    assert (cookie["path"], cookie["domain"], cookie["secure"]) == ("/", "", "")
    assert 595 <= int(cookie["max-age"]) <= 600
    assert headers["cache-control"] == "no-store"
    assert (await session(gateway, **ours(gateway), **with_cookie(secret)))[0] == said


async def test_where_it_came_by_https_the_cookie_goes_nowhere_else(gateway: Gateway) -> None:
    for origin, secure in ((f"https://{gateway.address}", True), (f"http://{gateway.address}", "")):
        _, headers, _ = await sign_in(gateway, origin=origin)
        cookie = set_by(headers)
        assert cookie is not None
        assert cookie["secure"] == secure


async def test_nobody_is_told_of_in_the_same_words(gateway: Gateway) -> None:
    said, headers = await session(gateway)
    assert (whose(said), said["devLogin"], said["operator"]) == (NOBODY, True, True)
    assert set_by(headers) is None
    assert set(said) == {"customerId", "expiresAt", "operator", "devLogin", "ide", "sandbox"}


@pytest.mark.parametrize("who", OWN)
async def test_our_own_pages_are_told_who_is_signed_in(gateway: Gateway, who: str) -> None:
    said, _ = await session(gateway, **page(gateway, OWN[who]), **with_cookie(token()))
    assert said["customerId"] == "customer-1"


@pytest.mark.parametrize("who", FOREIGN)
async def test_foreign_pages_sign_nobody_in_or_out_and_are_told_of_nobody(gateway: Gateway, who: str) -> None:
    headers, secret = page(gateway, FOREIGN[who]), token()
    status, got, _ = await gateway.ask("POST", "/session", json={"token": secret}, headers=headers)
    assert (status, set_by(got)) == (403, None)
    status, got, _ = await gateway.ask("DELETE", "/session", headers={**headers, **with_cookie(secret)})
    assert (status, set_by(got)) == (403, None)
    said, got = await session(gateway, **headers, **with_cookie(secret))
    assert (whose(said), set_by(got)) == (NOBODY, None)
    assert "access-control-allow-credentials" not in got
    assert (await session(gateway, **with_cookie(secret)))[0]["customerId"] == "customer-1"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_no_form_can_sign_anybody_in(gateway: Gateway, kind: str) -> None:
    body = json.dumps({"token": token()}).encode()
    status, got, _ = await gateway.ask("POST", "/session", data=body, headers={"content-type": kind})
    assert (status, set_by(got)) == (415, None)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"{}", b'{"token": null}', b'{"token": 7}', b'{"token": ["x"]}'],
)
async def test_what_is_no_token_in_json_is_told_so(gateway: Gateway, body: bytes) -> None:
    headers = {**ours(gateway), "content-type": "application/json"}
    status, got, _ = await gateway.ask("POST", "/session", data=body, headers=headers)
    assert (status, set_by(got)) == (400, None)


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("", id="empty"),
        pytest.param("nonsense", id="nonsense"),
        pytest.param(EXPIRED, id="expired"),
        pytest.param(forged({"sub": "x", "exp": LATER}, secret="y" * 32), id="of another secret"),
        pytest.param(f"{part({'alg': 'none'})}.{part({'sub': 'x', 'exp': LATER})}.", id="unsigned"),
        pytest.param(f"{token()}\r\nset-cookie: a=b", id="with a line end"),
        pytest.param(f"{token()}; domain=evil.example", id="with an attribute"),
        pytest.param(f"Bearer {token()}", id="with its scheme"),
        pytest.param("토큰", id="no ASCII"),
    ],
)
async def test_a_token_that_is_no_good_signs_nobody_in(gateway: Gateway, secret: str) -> None:
    status, got, _ = await sign_in(gateway, secret)
    assert (status, set_by(got)) == (401, None)


async def test_a_token_that_has_just_ended_signs_nobody_in_whatever_clocks_may_differ(
    gateway: Gateway,
) -> None:
    just = forged({"sub": "customer-1", "exp": int(datetime.now(UTC).timestamp()) - 1})
    assert (await session(gateway, authorization=f"Bearer {just}"))[0]["customerId"] == "customer-1"
    status, got, _ = await sign_in(gateway, just)
    assert (status, set_by(got)) == (401, None)


async def test_a_token_that_fits_no_cookie_is_told_so(gateway: Gateway) -> None:
    def of(more: int) -> str:
        return forged({"sub": "customer-1", "exp": LATER, "x": "x" * more})

    good = of(LONGEST * 3 // 4 - 120)
    assert len(good) <= LONGEST
    assert (await sign_in(gateway, good))[0] == 200
    status, got, _ = await sign_in(gateway, of(LONGEST))
    assert (status, set_by(got)) == (400, None)


async def test_who_tries_too_many_tokens_is_told_when_to_come_again(open_gateway: Open) -> None:
    async with open_gateway(bff_rates=True, bff_rate_sign_ins_burst=2) as gateway:
        assert [(await sign_in(gateway, "nonsense"))[0] for _ in range(2)] == [401, 401]
        status, headers, _ = await sign_in(gateway, "nonsense")
        assert (status, int(headers["retry-after"]) > 0) == (429, True)
        assert (await sign_in(gateway))[0] == 200


async def test_a_token_of_many_years_is_kept_for_as_long_as_browsers_keep_any(gateway: Gateway) -> None:
    status, headers, body = await sign_in(gateway, forged({"sub": "customer-1", "exp": 10**15}))
    cookie = set_by(headers)
    assert cookie is not None
    assert (status, cookie["max-age"]) == (200, "34560000")
    assert json.loads(body)["expiresAt"] == "9999-01-01T00:00:00Z"


@pytest.mark.parametrize("bad", [EXPIRED, "nonsense", "", '"quoted"', "x" * 20_000, "토큰"])
async def test_a_cookie_that_is_no_good_is_nobodys_and_taken_away(gateway: Gateway, bad: str) -> None:
    said, headers = await session(gateway, **ours(gateway), **with_cookie(bad))
    cookie = set_by(headers)
    assert whose(said) == NOBODY
    assert cookie is not None
    assert (cookie.value, cookie["max-age"], cookie["path"], cookie["httponly"]) == ("", "0", "/", True)


async def test_two_cookies_of_the_name_are_nobodys_whichever_comes_first(gateway: Gateway) -> None:
    for two in ((token("customer-1"), token("customer-2")), (token("customer-2"), token("customer-1"))):
        assert whose((await session(gateway, **with_cookie(*two)))[0]) == NOBODY


async def test_authorization_goes_before_the_cookie_and_is_not_made_up_for_by_it(gateway: Gateway) -> None:
    beside = with_cookie(token("customer-1"))
    assert (await session(gateway, **beside, **bearer("customer-2")))[0]["customerId"] == "customer-2"
    said, headers = await session(gateway, **beside, authorization="Bearer nonsense")
    assert (whose(said), set_by(headers)) == (NOBODY, None)


async def test_who_signs_out_has_no_cookie_and_no_good_token_any_more(gateway: Gateway) -> None:
    secret = token()
    headers = {**ours(gateway), **with_cookie(secret)}
    status, got, body = await gateway.ask("DELETE", "/session", headers=headers)
    cookie = set_by(got)
    assert cookie is not None
    assert (status, body, cookie.value, cookie["max-age"]) == (204, b"", "", "0")
    assert whose((await session(gateway, **with_cookie(secret)))[0]) == NOBODY
    assert (await sign_in(gateway, secret))[0] == 401
    status, _, _ = await gateway.ask("DELETE", "/session", headers=headers)
    assert status == 204


@pytest.mark.parametrize("secret", [None, "nonsense", EXPIRED, "x" * 20_000])
async def test_whoever_signs_out_may_do_so(gateway: Gateway, secret: str | None) -> None:
    headers = {**ours(gateway), **({} if secret is None else with_cookie(secret))}
    status, got, _ = await gateway.ask("DELETE", "/session", headers=headers)
    assert (status, set_by(got) is not None) == (204, True)


async def test_who_signs_in_as_somebody_else_is_signed_out_first(gateway: Gateway) -> None:
    first, again, other = token("customer-1"), token("customer-1"), token("customer-2")
    assert (await sign_in(gateway, again, **with_cookie(first)))[0] == 200
    assert (await session(gateway, **with_cookie(first)))[0]["customerId"] == "customer-1"
    assert (await sign_in(gateway, other, **with_cookie(again)))[0] == 200
    assert whose((await session(gateway, **with_cookie(again)))[0]) == NOBODY
    assert (await session(gateway, **with_cookie(other)))[0]["customerId"] == "customer-2"


@pytest.mark.parametrize(
    ("roles", "is_one"),
    [
        (["operator"], True),
        (["buyer", "operator"], True),
        ("operator", True),
        ("operators", False),
        (["Operator"], False),
        ([["operator"]], False),
        ({"operator": True}, False),
        ([None, 7], False),
        (None, False),
    ],
    ids=str,
)
async def test_operators_are_those_whose_token_says_so(
    open_gateway: Open, roles: object, *, is_one: bool
) -> None:
    secret = forged({"sub": "customer-1", "exp": LATER, "roles": roles})
    async with open_gateway() as gateway:
        said, _ = await session(gateway, authorization=f"Bearer {secret}")
    assert (said["customerId"], said["operator"], said["devLogin"]) == ("customer-1", is_one, False)


async def test_an_operator_may_be_called_otherwise_and_pages_are_told_what_there_is(
    open_gateway: Open,
) -> None:
    secret = forged({"sub": "customer-1", "exp": LATER, "roles": ["store-admin"]})
    settings = {"auth_operator_role": "store-admin", "bff_ide": True, "payment_sandbox": True}
    async with open_gateway(**settings) as gateway:
        said, _ = await session(gateway, **with_cookie(secret))
        assert (said["operator"], said["ide"], said["sandbox"]) == (True, True, True)
        assert (await session(gateway))[0]["operator"] is False


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS"])
async def test_nothing_else_can_be_done_with_a_session(gateway: Gateway, method: str) -> None:
    status, _, _ = await gateway.ask(method, "/session", headers=ours(gateway))
    assert status == 405
