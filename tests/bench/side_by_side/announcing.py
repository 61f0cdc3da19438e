"""New views of orders, announced as mypage does it, at a steady pace."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final, Self

import aiormq
from aiormq.abc import AbstractChannel, AbstractConnection

from schema import channels
from schema.projection import project
from tests import facts

VERSION: Final = 987_654_321
"""Stands where a view's version will be."""


class Announcer:
    """Announces views at one broker; `announced` says when each version of an order was."""

    def __init__(self, connection: AbstractConnection, channel: AbstractChannel) -> None:
        self._connection = connection
        self._channel = channel
        self._texts: dict[str, tuple[bytes, bytes]] = {}
        self.announced: dict[tuple[str, int], float] = {}

    @classmethod
    async def at(cls, url: str) -> Self:
        """Connected; nothing is confirmed: that would be the load's price, not the gateway's."""
        connection = await aiormq.connect(url)
        return cls(connection, await connection.channel(publisher_confirms=False))

    async def close(self) -> None:
        """Go."""
        await self._connection.close()

    async def tell(self, orders: Sequence[tuple[str, str]], version: int, rate: float, together: int) -> None:
        """A version of each order (its id and its customer), so many a second, so many in a message."""
        began = time.perf_counter()
        for start in range(0, len(orders), together):
            await asyncio.sleep(max(0, began + start / rate - time.perf_counter()))
            some = orders[start : start + together]
            views = [self._view(order, customer, version) for order, customer in some]
            body = views[0] if together == 1 else b"[" + b",".join(views) + b"]"
            now = time.perf_counter()
            self.announced |= {(order, version): now for order, _ in some}
            await self._channel.basic_publish(
                body, exchange=channels.CHANGES, routing_key=some[0][0], properties=_properties()
            )

    def _view(self, order: str, customer: str, version: int) -> bytes:
        if order not in self._texts:
            view = project((facts.placed(order, customer_id=customer), facts.approved(order)))
            assert view is not None
            text = view.model_copy(update={"version": VERSION}).model_dump_json().encode()
            before, _, after = text.partition(b"%d" % VERSION)
            self._texts[order] = (before, after)
        before, after = self._texts[order]
        return before + b"%d" % version + after


def _properties() -> aiormq.spec.Basic.Properties:
    return aiormq.spec.Basic.Properties(content_type="application/json", message_type=channels.CHANGED)
