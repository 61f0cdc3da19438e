"""Asks those who tell facts what they know of one order."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from pydantic import ValidationError

from schema.events import Event
from schema.feed import Entry
from services.chassis.logs import logger
from services.chassis.upstream import Answer, Failure, Upstream

log = logger(__name__)

PATIENCE_SECONDS = 2.0


class Sources:
    """The services by name; the later ones know better."""

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self._upstreams = upstreams

    async def facts(self, order_id: str) -> tuple[Event, ...]:
        """What those who answer know of an order, each fact once, the earliest first.

        Who is away, knows nothing or makes no sense adds nothing.
        """
        asked = (self._facts(name, upstream, order_id) for name, upstream in self._upstreams.items())
        known = {fact.id: fact for facts in await asyncio.gather(*asked) for fact in facts}
        return tuple(sorted(known.values(), key=lambda fact: (fact.at, fact.id)))

    async def _facts(self, name: str, upstream: Upstream, order_id: str) -> tuple[Event, ...]:
        answer = await self._asked(upstream, order_id)
        if answer is None or answer.status != HTTPStatus.OK:
            return ()
        try:
            entry = Entry.model_validate_json(answer.body)
        except ValidationError as error:
            log.warning("what a feed says makes no sense", feed=name, order=order_id, error=str(error))
            return ()
        if {order_id} != {entry.order_id, *(fact.order_id for fact in entry.facts)}:
            log.warning("a feed speaks of another order", feed=name, order=order_id)
            return ()
        return entry.facts

    async def _asked(self, upstream: Upstream, order_id: str) -> Answer | None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await upstream.ask("GET", f"/feed/{quote(order_id, safe='')}")
        except (Failure, TimeoutError):
            return None
