"""Asks the order service; asks again while it is being replaced, because all it does is idempotent."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from schema.events import CancelReason
from schema.fruit import Fruit
from schema.requests import (
    MAX_FOUND,
    CancelOrder,
    FindOrders,
    FoundOrders,
    OrderReply,
    PlaceOrder,
    Problems,
)
from services.chassis.collecting import Collector
from services.chassis.deadline import deadline
from services.chassis.upstream import Answer, Failure, Upstream

FRUITS = TypeAdapter(list[Fruit])
FRUITS_FRESH_SECONDS = 10.0
AGAIN_AFTER_SECONDS = 0.1

IN_A_CROWD_SECONDS = 0.4, 0.8
"""Between so many those who are turned away wait where there are others: a crowd that asks again at once is
not to slow those whose turn it is to pay."""

FOUND_EVERY_SECONDS = 0.05

AGAIN = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}


Found = OrderReply | Problems | None


class OrdersUnavailableError(Exception):
    """The order service did not answer in time; what was asked may or may not have been done."""


@dataclass(frozen=True)
class TooLate:
    """It cannot be canceled; this is how it stands."""

    order: OrderReply


class Orders:
    """The order service over HTTP."""

    def __init__(self, upstream: Upstream, timeout_seconds: float) -> None:
        self._upstream = upstream
        self._timeout = timeout_seconds
        self._fruits: list[Fruit] | None = None
        self._fruits_read = 0.0
        self._finding: Collector[PlaceOrder, Found] = Collector(
            self._find_all, MAX_FOUND, pace_seconds=FOUND_EVERY_SECONDS
        )
        self._turned_away = 0

    async def fruits(self) -> list[Fruit]:
        """The catalogue; as it was last read, where the service is away. Raises OrdersUnavailableError."""
        if self._fruits is None or time.monotonic() - self._fruits_read > FRUITS_FRESH_SECONDS:
            try:
                _, body = await self._ask("GET", "/fruits")
                self._fruits = FRUITS.validate_json(body)
            except OrdersUnavailableError:
                if self._fruits is None:
                    raise
            self._fruits_read = time.monotonic()
        return self._fruits

    async def place(self, command: PlaceOrder) -> OrderReply | Problems:
        """Place an order, or find what the same intention placed. Raises OrdersUnavailableError."""
        status, body = await self._ask("POST", "/orders", command)
        if status == HTTPStatus.UNPROCESSABLE_ENTITY:
            return Problems.model_validate_json(body)
        return OrderReply.model_validate_json(body)

    async def find(self, command: PlaceOrder) -> Found:
        """Find what the same intention placed; place nothing. Raises OrdersUnavailableError."""
        self._turned_away += 1
        try:
            if self._turned_away > 1:
                await asyncio.sleep(random.uniform(*IN_A_CROWD_SECONDS))  # noqa: S311 # no secret
            found = await self._finding.take_in(command)
        finally:
            self._turned_away -= 1
        if isinstance(found, Exception):
            raise found
        return found

    async def _find_all(self, commands: Sequence[PlaceOrder]) -> Sequence[Found]:
        _, body = await self._ask("POST", "/orders/find", FindOrders(intentions=tuple(commands)))
        return FoundOrders.model_validate_json(body).found

    async def cancel(
        self, order_id: str, customer_id: str, reason: CancelReason, attempt: int | None = None
    ) -> OrderReply | TooLate | None:
        """Cancel a customer's order; None where there is none. Raises OrdersUnavailableError."""
        command = CancelOrder(customer_id=customer_id, reason=reason, attempt=attempt)
        status, body = await self._ask("POST", f"/orders/{quote(order_id, safe='')}/cancel", command)
        if status == HTTPStatus.NOT_FOUND:
            return None
        reply = OrderReply.model_validate_json(body)
        return TooLate(reply) if status == HTTPStatus.CONFLICT else reply

    async def _ask(
        self, method: Literal["GET", "POST"], path: str, message: BaseModel | None = None
    ) -> Answer:
        try:
            async with deadline(self._timeout):
                while True:
                    answer = await self._once(method, path, message)
                    if answer is not None:
                        return answer
                    await asyncio.sleep(AGAIN_AFTER_SECONDS)
        except TimeoutError as error:
            raise OrdersUnavailableError(path) from error

    async def _once(
        self, method: Literal["GET", "POST"], path: str, message: BaseModel | None
    ) -> Answer | None:
        """Ask once; None where it is worth asking again."""
        try:
            answer = await self._upstream.ask(method, path, message)
        except Failure:
            return None
        if answer.status in AGAIN:
            return None
        if answer.status == HTTPStatus.UNAUTHORIZED or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise OrdersUnavailableError(f"{path}: {answer.status}")
        return answer
