"""Whose page asks, by what its browser says and by how we are reached."""

import pytest
from starlette.requests import HTTPConnection

from bff.origin import allowed, is_ours, is_secure

LISTED = ("https://shop.example",)


def asked(
    *headers: tuple[str, str], scheme: str = "http", host: str | None = "store.example"
) -> HTTPConnection:
    """A request, as it comes."""
    every = (*(() if host is None else (("host", host),)), *headers)
    raw = [(name.encode(), value.encode()) for name, value in every]
    return HTTPConnection({"type": "http", "scheme": scheme, "headers": raw})


@pytest.mark.parametrize(
    ("origin", "scheme", "ours"),
    [
        ("http://store.example", "http", True),
        ("http://store.example", "ws", True),
        ("https://store.example", "https", True),
        ("https://store.example", "wss", True),
        ("https://store.example", "http", True),  # a proxy before us ends TLS, and does not tell
        ("http://store.example", "https", False),
        ("http://store.example", "wss", False),
        ("http://store.example:80", "http", False),
        ("http://store.example/", "http", False),
        ("http://other.example", "http", False),
    ],
)
def test_a_page_is_ours_at_our_own_address_and_not_without_tls_where_we_have_it(
    origin: str, scheme: str, *, ours: bool
) -> None:
    asking = asked(("origin", origin), scheme=scheme)
    assert (is_ours(asking), allowed(asking, ())) == (ours, ours)


@pytest.mark.parametrize(
    "headers",
    [
        [("origin", "http://store.example"), ("origin", "https://evil.example")],
        [("origin", "https://evil.example"), ("origin", "http://store.example")],
        [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-origin, cross-site")],
        [("sec-fetch-site", "")],
    ],
)
def test_what_is_said_twice_has_to_be_true_twice(headers: list[tuple[str, str]]) -> None:
    assert not is_ours(asked(*headers))


def test_without_our_own_name_nobody_is_at_our_address() -> None:
    for host in (None, ""):
        for origin in ("http://", "https://", "http://None", "null", ""):
            assert not is_ours(asked(("origin", origin), host=host))
        assert is_ours(asked(host=host))


def test_a_listed_origin_may_talk_to_us_and_is_not_ours() -> None:
    asking = asked(("origin", LISTED[0]), ("sec-fetch-site", "cross-site"))
    assert (allowed(asking, LISTED), is_ours(asking)) == (True, False)
    assert not allowed(asked(("origin", LISTED[0]), ("origin", "https://evil.example")), LISTED)


@pytest.mark.parametrize(
    ("origin", "scheme", "secure"),
    [
        (None, "https", True),
        (None, "http", False),
        ("https://store.example", "http", True),
        ("http://store.example", "http", False),
        ("https://evil.example", "http", False),
    ],
)
def test_a_cookie_is_for_tls_alone_where_our_page_came_by_it(
    origin: str | None, scheme: str, *, secure: bool
) -> None:
    headers = () if origin is None else (("origin", origin),)
    assert is_secure(asked(*headers, scheme=scheme)) is secure
