"""Asks payment what it knows, for orders that have waited too long."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

from schema.events import Event
from schema.requests import PaymentReply
from services.chassis.upstream import Failure, Upstream

PATIENCE_SECONDS = 2.0


class Payments:
    """The payment service over HTTP."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def facts(self, order_ids: Sequence[str]) -> dict[str, tuple[Event, ...]]:
        """What payment has told about orders, asked about all at once; silence is left out."""
        answers = await asyncio.gather(*(self._facts(order_id) for order_id in order_ids))
        return {order_id: facts for order_id, facts in zip(order_ids, answers, strict=True) if facts}

    async def _facts(self, order_id: str) -> tuple[Event, ...]:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._upstream.ask("GET", f"/payments/{order_id}")
        except (Failure, TimeoutError):
            return ()
        if answer.status != HTTPStatus.OK:
            return ()
        return PaymentReply.model_validate_json(answer.body).facts
