"""Keeps tokens, passwords and secrets out of what is written down."""

import re
from collections.abc import Mapping
from typing import Any

import structlog

HIDDEN = "[hidden]"

TOKEN = re.compile(r"eyJ[\w-]{4,}(?:\.[\w-]*)*", re.ASCII)
"""A JSON Web Token, or what is left of one: all begin with `{"`, in base64."""

BEARER = re.compile(r"(?i)\b(bearer|basic)(['\"]?[\s:=]+)[\w.~+/=-]{12,}")
PASSWORD = re.compile(r"(?<=://)([^\s/@:]*):[^\s/@]+@")
"""In an address."""

FIELD = re.compile(
    r"(?i)(['\"]?\b(?:authorization|cookie|password|secret|token)['\"]?\s*[:=]\s*b?['\"])([^'\"]+)"
)
"""In the text of a mapping: a name, and what it is."""

COOKIE = re.compile(r"(?i)\b(cookie['\"]?\s*[:=,]\s*b?['\"]?)(?=[^'\"\s]*=)[^'\"\r\n]+")
"""A header of cookies, sent or set, as text or in a pair."""

SUSPICIOUS = re.compile(r"(?i)eyJ|bearer|basic|authorization|cookie|password|secret|token|://")
"""What any text has that hides something: most have not, and most lines are made of such."""

NAMES = frozenset({"authorization", "cookie", "password", "secret", "token"})
DEEPEST = 6


def hidden(text: str) -> str:
    """A text without the secrets that can be told by their looks."""
    if not SUSPICIOUS.search(text):
        return text
    text = TOKEN.sub(HIDDEN, text)
    text = BEARER.sub(rf"\1\2{HIDDEN}", text)
    text = FIELD.sub(rf"\1{HIDDEN}", text)
    text = COOKIE.sub(rf"\1{HIDDEN}", text)
    return PASSWORD.sub(rf"\1:{HIDDEN}@", text)


def hide(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Do so to a whole log line, its exception included: the last thing before it is rendered."""
    return {name: _of(name, value, DEEPEST) for name, value in event.items()}


def _of(name: object, value: Any, deep: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(name, str) and not NAMES.isdisjoint(re.split(r"[^a-z]+", name.lower())):
        return HIDDEN
    if isinstance(value, str):
        return hidden(value)
    if deep and isinstance(value, Mapping):
        return {each: _of(each, inner, deep - 1) for each, inner in value.items()}
    if deep and isinstance(value, list | tuple | set | frozenset):
        return [_of(None, each, deep - 1) for each in value]
    said = repr(value)
    return value if hidden(said) == said else hidden(said)
