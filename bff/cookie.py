"""The cookie that keeps a customer's token where no script can read it, and how it is read."""

from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from bff.origin import is_ours, is_secure

NAME: Final = "fruitstore"
LONGEST: Final = 4096 - len(NAME)
"""Letters: a longer cookie is dropped by browsers without a word."""

MOST_SECONDS: Final = 400 * 86400
"""Browsers keep none for longer."""


def of(connection: HTTPConnection) -> str | None:
    """The token in the cookie; None without one, and wherever it is not our own page that asks.

    Two of the name are a token that is no good: one of them was put there by somebody else.
    """
    found = _found(connection)
    if not found or not is_ours(connection):
        return None
    return found[0] if len(found) == 1 else ""


def keep(response: Response, token: str, seconds: int, asked: HTTPConnection) -> None:
    """Have the browser keep a token for so long; 0 seconds: forget it."""
    response.set_cookie(
        NAME,
        token,
        max_age=min(seconds, MOST_SECONDS),
        path="/",
        secure=is_secure(asked),
        httponly=True,
        samesite="strict",
    )


def forget(response: Response, asked: HTTPConnection) -> None:
    """Have the browser forget the token."""
    keep(response, "", 0, asked)


def _found(connection: HTTPConnection) -> list[str]:
    pairs = (pair.partition("=") for each in connection.headers.getlist("cookie") for pair in each.split(";"))
    return [value.strip() for name, _, value in pairs if name.strip() == NAME]
