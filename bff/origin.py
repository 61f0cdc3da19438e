"""Whose page asks: browsers say it of every request that could do harm."""

from collections.abc import Collection
from typing import Final

from starlette.requests import HTTPConnection

NEAR: Final = frozenset({"same-origin", "none"})
"""What Sec-Fetch-Site says of our own pages, and of an address that somebody typed."""

SECURE: Final = frozenset({"https", "wss"})


def is_ours(connection: HTTPConnection) -> bool:
    """Whether one of our own pages asks, or no page at all: what a browser says of it leaves no doubt.

    Who is no browser can say anything, but has nobody's cookie.
    """
    origins, sites = (connection.headers.getlist(name) for name in ("origin", "sec-fetch-site"))
    return NEAR.issuperset(sites) and all(_is_own(origin, connection) for origin in origins)


def allowed(connection: HTTPConnection, listed: Collection[str]) -> bool:
    """Whether who asks may talk to us at all: our own pages, those of the listed origins, and no page."""
    origins = connection.headers.getlist("origin")
    return all(origin in listed or _is_own(origin, connection) for origin in origins)


def is_secure(connection: HTTPConnection) -> bool:
    """Whether it came over TLS, as we know ourselves, or as a page of ours says where a proxy does not."""
    said = connection.headers.get("origin", "").startswith("https://")
    return connection.scope["scheme"] in SECURE or (said and is_ours(connection))


def _is_own(origin: str, connection: HTTPConnection) -> bool:
    """Our address, and not without TLS where we are asked with it."""
    host = connection.headers.get("host")
    schemes = ("https",) if connection.scope["scheme"] in SECURE else ("https", "http")
    return bool(host) and origin in {f"{scheme}://{host}" for scheme in schemes}
