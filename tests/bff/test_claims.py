"""Claims are judged as a well-kept library judges them."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from bff.claims import Rules

NOW = 1_800_000_000
ISSUER, AUDIENCE = "https://issuer", "fruitstore"

times = st.one_of(
    st.integers(NOW - 8, NOW + 8),
    st.floats(NOW - 8, NOW + 8),
    st.sampled_from([0, -1, 10**400, float("nan"), float("inf"), float("-inf"), True, None, str(NOW), [NOW]]),
)
names = st.sampled_from([ISSUER, AUDIENCE, "customer-1", "", None, 7, True, {}, {AUDIENCE: 1}])
audiences = st.one_of(names, st.lists(names, max_size=3))
claims = st.fixed_dictionaries(
    {"sub": st.sampled_from(["customer-1", "7181"]), "exp": st.integers(NOW - 6, NOW + 2)},
    optional={
        "iss": st.one_of(st.just(ISSUER), names),
        "aud": st.one_of(st.just(AUDIENCE), audiences),
        "nbf": times,
        "iat": times,
        "jti": st.one_of(st.just("7"), names),
        "roles": audiences,
    },
)
wild = st.dictionaries(
    st.sampled_from(["sub", "exp", "iss", "aud", "nbf", "iat", "jti"]), st.one_of(times, audiences)
)
rules = st.builds(
    Rules,
    issuer=st.sampled_from([None, ISSUER]),
    audience=st.sampled_from([None, AUDIENCE]),
    leeway_seconds=st.sampled_from([0, 5]),
)


def is_good(rules: Rules, said: dict[str, Any]) -> bool:
    try:
        rules.check(said, NOW)
    except ValueError:
        return False
    return True


def is_good_elsewhere(rules: Rules, said: dict[str, Any]) -> bool:
    named = {"iss": rules.issuer, "aud": rules.audience}
    options: Any = {name: {"essential": True, "value": value} for name, value in named.items() if value}
    needed: Any = {name: {"essential": True} for name in ("sub", "exp")}
    try:
        JWTClaimsRegistry(now=NOW, leeway=rules.leeway_seconds, **needed, **options).validate(said)
    except JoseError:
        return False
    return True


@settings(max_examples=2000)
@given(rules=rules, said=st.one_of(claims, claims, wild))
def test_what_is_good_to_others_is_good_here_and_nothing_else(rules: Rules, said: dict[str, Any]) -> None:
    assert is_good(rules, said) is is_good_elsewhere(rules, said)
