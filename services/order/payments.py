"""Asks payment what it knows, for orders that have waited too long."""

import asyncio
from http import HTTPStatus

from schema.events import Event
from schema.requests import PaymentReply
from services.chassis.upstream import Failure, Upstream

PATIENCE_SECONDS = 2.0


class Payments:
    """The payment service over HTTP."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def facts(self, order_id: str) -> tuple[Event, ...] | None:
        """What payment has told about an order; None where it does not answer, or knows of none."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._upstream.ask("GET", f"/payments/{order_id}")
        except (Failure, TimeoutError):
            return None
        if answer.status != HTTPStatus.OK:
            return None
        return PaymentReply.model_validate_json(answer.body).facts
