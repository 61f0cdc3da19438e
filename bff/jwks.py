"""The keys that an issuer publishes: fetched, kept while it is away, and looked for again when one is new."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge

from bff.keys import PUBLISHED, VerifyingKey
from services.chassis.logs import logger
from services.chassis.upstream import Upstream

log = logger(__name__)

FETCH_SECONDS = 5.0
"""The longest a fetch may take."""

WAIT_SECONDS = 2.0
"""The longest a request waits for one."""

AGAIN_SECONDS = 5.0
"""Tokens that name unknown keys have the issuer asked no more often than so."""

RETRY_SECONDS = 10.0
"""How soon an issuer that was away is asked again."""

MAX_BYTES = 256 * 1024


class Jwks:
    """The key set at an address, as it was when it was last good."""

    def __init__(
        self,
        url: str,
        registry: CollectorRegistry,
        *,
        refresh_seconds: float = 300,
        allowed: Collection[str] = PUBLISHED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        from bff.published import published  # takes in all of cryptography

        self._keys_of = published
        self._url = url
        self._every = refresh_seconds
        self.allowed = frozenset(allowed)
        self._clock = clock
        self._keys: tuple[VerifyingKey, ...] = ()
        self._ids: frozenset[str | None] = frozenset()
        self._good_at: float | None = None
        self._tried_at: float | None = None
        self._failing = False
        self._fetching: asyncio.Task[None] | None = None
        self._failures = Counter(
            "jwks_fetch_failures", "Fetches that brought no good keys.", registry=registry
        )
        age = Gauge("jwks_age_seconds", "Since the issuer's keys were last fetched.", registry=registry)
        age.set_function(lambda: self.age)
        count = Gauge("jwks_keys", "Keys of the issuer that are known.", registry=registry)
        count.set_function(lambda: len(self._keys))

    @property
    def age(self) -> float:
        """Seconds since the keys were last fetched; infinite where they never were."""
        return float("inf") if self._good_at is None else self._clock() - self._good_at

    async def known(self) -> bool:
        """Whether there are keys: without any, nobody can be let in."""
        return bool(self._keys)

    def detail(self) -> Mapping[str, Any]:
        """What readiness says besides."""
        return {"keys": len(self._keys), "fetched": self._good_at is not None and not self._failing}

    @property
    def ids(self) -> frozenset[str | None]:
        """The keys of the set: one that was taken out signs nothing any more."""
        return self._ids

    async def find(self, algorithm: str, key_id: str | None) -> VerifyingKey | None:
        """The key that a token names, or the only one for its algorithm where it names none."""
        if key_id not in self._ids if key_id is not None else not self._keys:
            await self._look_again()
        fitting = [each for each in self._keys if algorithm in each.algorithms]
        if key_id is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((each for each in fitting if each.id == key_id), None)

    async def run(self) -> None:
        """Fetch the keys every so often; never ends."""
        try:
            while True:
                await asyncio.shield(self._begin())
                await asyncio.sleep(min(self._every, RETRY_SECONDS) if self._failing else self._every)
        finally:
            if self._fetching:
                self._fetching.cancel()
                with suppress(asyncio.CancelledError):
                    await self._fetching

    async def _look_again(self) -> None:
        """Join the fetch that is under way, or begin one where the last one was not just now."""
        if self._fetching is None and not self._is_due():
            return
        await asyncio.wait({self._begin()}, timeout=WAIT_SECONDS)

    def _is_due(self) -> bool:
        return self._tried_at is None or self._clock() - self._tried_at >= AGAIN_SECONDS

    def _begin(self) -> asyncio.Task[None]:
        if self._fetching is None:
            self._tried_at = self._clock()
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._ended)
        return self._fetching

    def _ended(self, _: asyncio.Task[None]) -> None:
        self._fetching = None

    async def _fetch(self) -> None:
        try:
            keys = self._keys_of(await self._read(), self.allowed)
        except Exception as error:  # noqa: BLE001 # whatever an issuer sends, those that are known go on
            self._failures.inc()
            if not self._failing:
                self._failing = True
                why = f"{type(error).__name__}: {error}"
                log.warning("the issuer's keys cannot be fetched: going on with those known", error=why)
            return
        if self._failing or self._ids != {each.id for each in keys}:
            log.info("the issuer's keys are known", keys=len(keys))
        self._failing = False
        self._keys, self._ids = keys, frozenset(each.id for each in keys)
        self._good_at = self._clock()

    async def _read(self) -> bytes:
        issuer = Upstream(self._url)
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                answer = await issuer.ask("GET", at_most=MAX_BYTES)
        finally:
            await issuer.close()
        if answer.status != HTTPStatus.OK:
            raise ValueError(f"it answers {answer.status}")
        return answer.body
