"""A browser, as far as a gateway can tell: what it says of the page that asks, and the cookie it brings."""

from collections.abc import Mapping
from http.cookies import Morsel, SimpleCookie
from typing import Any

from tests.bff.asking import Gateway, token

FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    "another site, in an old browser": {"origin": "https://evil.example"},
    "a page without an origin": {"origin": "null"},
    "a listed origin": {"origin": "https://shop.example"},
    "a sandboxed frame of our own": {"origin": "null", "sec-fetch-site": "same-origin"},
    "a form without Origin": {"sec-fetch-site": "cross-site"},
    "a sibling": {"sec-fetch-site": "same-site"},
    "another port": {"origin": "http://127.0.0.1:1", "sec-fetch-site": "same-site"},
    "our name at the beginning": {"origin": "http://{host}.evil.example"},
    "our name as a user": {"origin": "http://{host}@evil.example"},
    "our name in a path": {"origin": "http://evil.example/{host}"},
    "another scheme": {"origin": "ftp://{host}"},
    "no scheme": {"origin": "//{host}"},
    "nothing at all": {"origin": ""},
    "ours, sent across": {"origin": "http://{host}", "sec-fetch-site": "cross-site"},
}
"""Pages that are not ours."""

OWN: dict[str, dict[str, str]] = {
    "our page": {"origin": "http://{host}", "sec-fetch-site": "same-origin"},
    "our page, in an old browser": {"origin": "http://{host}"},
    "our page, behind a proxy that ends TLS": {"origin": "https://{host}", "sec-fetch-site": "same-origin"},
    "our page's GET": {"sec-fetch-site": "same-origin"},
    "an address that was typed": {"sec-fetch-site": "none"},
    "no browser": {},
}
"""Pages that are, and what is no page."""


def page(gateway: Gateway, said: Mapping[str, str]) -> dict[str, str]:
    """The headers by which a browser tells of a page."""
    return {name: value.format(host=gateway.address) for name, value in said.items()}


def ours(gateway: Gateway) -> dict[str, str]:
    """Those of our own page."""
    return page(gateway, OWN["our page"])


def with_cookie(*tokens: str) -> dict[str, str]:
    """A cookie, or several of one name, among others."""
    pairs = ["theme=dark", *(f"fruitstore={each}" for each in tokens), "x=y"]
    return {"cookie": "; ".join(pairs)}


def set_by(headers: Any) -> "Morsel[str] | None":
    """The session cookie that an answer sets, or None."""
    found: SimpleCookie = SimpleCookie()
    for each in headers.getall("set-cookie", ()):
        found.load(each)
    return found.get("fruitstore")


async def sign_in(gateway: Gateway, secret: str | None = None, **headers: str) -> tuple[int, Any, bytes]:
    """POST /session, by our own page unless the headers say otherwise."""
    body = {"token": token() if secret is None else secret}
    return await gateway.ask("POST", "/session", json=body, headers={**ours(gateway), **headers})
