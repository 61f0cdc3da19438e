"""An issuer of tokens: its keys, published at an address on a real socket, and what it signs with them."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.bff.serving import Script, Stub, reply, stub

Private = RSAKey | ECKey | OKPKey


def rsa(bits: int = 2048) -> RSAKey:
    return RSAKey.generate_key(bits)


def published(key: Private, kid: str | None = "one", **more: Any) -> dict[str, Any]:
    """A key as its issuer publishes it."""
    named = {} if kid is None else {"kid": kid}
    return {**key.as_dict(private=False), **named, **more}


def signed(
    key: Private, alg: str = "RS256", kid: str | None = "one", customer: str = "customer-1", **claims: Any
) -> str:
    """A token that it issues; good for a minute unless the claims say otherwise."""
    now = int(time.time())
    said = {"sub": customer, "iat": now, "exp": now + 60, **claims}
    header = {"alg": alg} if kid is None else {"alg": alg, "kid": kid}
    return jwt.encode(header, said, key, algorithms=[alg])


class Issuer:
    """Its key set may be changed, spoilt, or withheld."""

    def __init__(self, there: Stub) -> None:
        self.there = there

    @property
    def url(self) -> str:
        """Where its keys are."""
        return f"{self.there.url}/keys"

    @property
    def asked(self) -> int:
        """How often."""
        return len(self.there.heard)

    def publishes(self, *keys: dict[str, Any]) -> None:
        """These keys, from now on."""
        self.says(json.dumps({"keys": keys}))

    def says(self, text: str, status: int = 200, headers: str = "") -> None:
        """This, from now on."""

        async def script(_: object) -> bytes:
            return reply(text, status, headers)

        self.there.script = script

    def takes(self, seconds: float) -> None:
        """So long for each answer, from now on."""
        says: Script = self.there.script

        async def script(heard: Any) -> bytes | None:
            await asyncio.sleep(seconds)
            return await says(heard)

        self.there.script = script


@asynccontextmanager
async def issuer(*keys: dict[str, Any]) -> AsyncIterator[Issuer]:
    """An issuer that listens."""
    async with stub() as there:
        issuing = Issuer(there)
        issuing.publishes(*keys)
        yield issuing
