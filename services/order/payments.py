"""Asks payment what it knows, for orders that have waited too long."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

from pydantic import ValidationError

from schema.events import Event
from schema.requests import PaymentReply
from services.chassis.logs import logger
from services.chassis.upstream import Answer, Failure, Upstream

log = logger(__name__)

PATIENCE_SECONDS = 2.0


class Payments:
    """The payment service over HTTP."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def facts(self, order_ids: Sequence[str]) -> dict[str, tuple[Event, ...] | None]:
        """What payment has told about orders, asked about all at once.

        Silence is left out; an answer that makes no sense is None.
        """
        answers = await asyncio.gather(*(self._facts(order_id) for order_id in order_ids))
        return {order_id: facts for order_id, facts in zip(order_ids, answers, strict=True) if facts != ()}

    async def _facts(self, order_id: str) -> tuple[Event, ...] | None:
        answer = await self._asked(order_id) or await self._asked(order_id)
        if answer is None or answer.status != HTTPStatus.OK:
            return ()
        try:
            return PaymentReply.model_validate_json(answer.body).facts
        except ValidationError as error:
            log.warning("what payment says makes no sense", order=order_id, error=str(error))
            return None

    async def _asked(self, order_id: str) -> Answer | None:
        """Payment's answer; None where it is in no state to give one, which one more question may mend."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._upstream.ask("GET", f"/payments/{order_id}")
        except (Failure, TimeoutError):
            return None
        return answer if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else None
