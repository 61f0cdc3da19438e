"""Who asks: customers' bearer tokens, read and judged."""

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bff.caller import Caller
from bff.claims import ANY, Rules
from bff.jwks import Jwks
from bff.keys import VerifyingKey
from schema.requests import MAX_ID
from services.chassis import token as tokens

BEARER = re.compile(r"Bearer +([\w.~+/=-]+)", re.IGNORECASE)
MAX_TOKEN = 8192

KNOWN_AT_MOST, KNOWN_CHARACTERS = 1024, 2048
"""Tokens whose signature is remembered to be good: how many (1.5 KiB each), and how long."""


class NotAuthenticatedError(Exception):
    """The token is not one of ours, or not any more. Says nothing about why: that is for us to know."""


class Revoked(Protocol):
    """Whose authorisation was taken away."""

    def covers(self, caller: Caller) -> bool:
        """Whether this customer, or this token of theirs, may no longer ask."""
        ...

    @property
    def changes(self) -> int:
        """How often more was taken away."""
        ...


@dataclass(frozen=True)
class _Known:
    """A token whose signature is good, as long as the key is the same."""

    algorithm: str
    key_id: str | None
    key: VerifyingKey
    claims: dict[str, Any]
    caller: Caller
    seen_at: float
    """When its claims were found to be good: from then on they are, until it expires."""


class Authenticator:
    """Reads customers' tokens: JWTs whose `sub` is the customer, signed by a key that we know."""

    def __init__(
        self,
        secret: VerifyingKey | None = None,
        issuer: Jwks | None = None,
        *,
        rules: Rules = ANY,
        revoked: Revoked | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._secret, self._issuer = secret, issuer
        self._revoked = revoked
        self._clock = clock
        self._rules = rules
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def identify(self, token: str) -> Caller:
        """Who a token speaks for. Raises NotAuthenticatedError."""
        if len(token) > MAX_TOKEN:
            raise NotAuthenticatedError
        known = self._known.get(token)
        algorithm, key_id = (known.algorithm, known.key_id) if known else _header(token)
        key = await self._key(algorithm, key_id)
        if key is None:
            raise NotAuthenticatedError
        try:
            if known is None or known.key is not key:
                known = self._verified(token, key, algorithm, key_id)
            elif not known.seen_at <= self._clock() < known.caller.expires_at:
                self._rules.check(known.claims, int(self._clock()))
            caller = known.caller
        except (ValueError, OverflowError) as error:
            raise NotAuthenticatedError from error
        if self._is_taken_back(caller):
            raise NotAuthenticatedError
        return caller

    def is_still_good(self, caller: Caller) -> bool:
        """Whether a token that was good when it came is so now: to the second, whatever clocks may differ."""
        return self._clock() < caller.expires_at and not self._is_taken_back(caller)

    def standing(self) -> tuple[object, object]:
        """Equal as long as nothing was taken back: tokens that were good are so until they expire."""
        return self._revoked and self._revoked.changes, self._issuer and self._issuer.ids

    async def from_header(self, header: str | None, cookie: str | None = None) -> Caller | None:
        """Who an Authorization header speaks for, or else a cookie's token; None without either.

        Raises NotAuthenticatedError: where there is a header that is no good, no cookie makes up for it.
        """
        if header is None:
            return None if cookie is None else await self.identify(cookie)
        match = BEARER.fullmatch(header.strip())
        if match is None:
            raise NotAuthenticatedError
        return await self.identify(match[1])

    async def from_connection_init(self, payload: object, cookie: str | None = None) -> Caller:
        """Who a WebSocket's connection_init speaks for, or else its cookie. Raises NotAuthenticatedError.

        Looks for `Authorization` or `authorization`, as clients write it, with or without `Bearer`.
        """
        fields: dict[str, Any] = payload if isinstance(payload, dict) else {}
        given = fields.get("Authorization") or fields.get("authorization") or cookie
        if not isinstance(given, str):
            raise NotAuthenticatedError
        match = BEARER.fullmatch(given.strip())
        return await self.identify(match[1] if match else given)

    def _verified(self, token: str, key: VerifyingKey, algorithm: str, key_id: str | None) -> "_Known":
        """What a token says. Raises ValueError, or OverflowError for a time beyond all clocks."""
        claims = key.read(token, algorithm)
        self._rules.check(claims, int(self._clock()))
        known = _Known(algorithm, key_id, key, claims, _caller(claims, key, token), self._clock())
        if len(token) <= KNOWN_CHARACTERS:
            self._known[token] = known
            if len(self._known) > KNOWN_AT_MOST:
                self._known.popitem(last=False)
        return known

    async def _key(self, algorithm: str, key_id: str | None) -> VerifyingKey | None:
        """The key that may verify a token with this header."""
        if self._secret and algorithm in self._secret.algorithms:
            return self._secret
        if self._issuer and algorithm in self._issuer.allowed:
            return await self._issuer.find(algorithm, key_id)
        return None

    def _is_taken_back(self, caller: Caller) -> bool:
        if caller.key_id is not None and not (self._issuer and caller.key_id in self._issuer.ids):
            return True
        return self._revoked is not None and self._revoked.covers(caller)


def _header(token: str) -> tuple[str, str | None]:
    """The algorithm and the key that a token names. Raises NotAuthenticatedError."""
    try:
        said = tokens.header(token)
    except ValueError as error:
        raise NotAuthenticatedError from error
    match said:
        case {"alg": str() as algorithm, "kid": str() as key_id}:
            return algorithm, key_id
        case {"alg": str() as algorithm} if said.get("kid") is None:
            return algorithm, None
    raise NotAuthenticatedError


def _caller(claims: Mapping[str, Any], key: VerifyingKey, token: str) -> Caller:
    """Whom it speaks for. Raises ValueError for a name that is none."""
    subject, issued_at = claims["sub"], claims.get("iat")
    if not 1 <= len(subject.encode().decode()) <= MAX_ID:  # half a surrogate pair is no text
        raise ValueError("sub")
    return Caller(
        subject,
        float(claims["exp"]),
        issued_at=None if issued_at is None else float(issued_at),
        token_id=claims.get("jti") or _digest(token),
        key_id=key.id,
        roles=_roles(claims.get("roles")),
    )


def _roles(said: object) -> frozenset[str]:
    """A list, or one text; anything else is none."""
    each = said if isinstance(said, list) else [said]
    return frozenset(role for role in each if isinstance(role, str))


def _digest(token: str) -> str:
    """Names a token by what was signed: of some signatures there are two forms."""
    return hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest()
