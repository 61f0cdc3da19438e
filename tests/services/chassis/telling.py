"""Outboxes whose facts are told to a list."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from prometheus_client import CollectorRegistry

from schema.events import Event
from services.chassis import mongo
from services.chassis.outbox import Outbox
from services.chassis.patience import NotToldError


class Told(Protocol):
    """Whoever facts are told to."""

    async def tell(self, fact: Event) -> None: ...


class Listener:
    """Hears what is told, unless it is away. Its `after` comes when a fact is heard but not yet marked."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.away = False
        self.after: Callable[[], Awaitable[None]] = _at_once

    async def tell(self, fact: Event) -> None:
        if self.away:
            raise NotToldError("nobody listens")
        self.heard.append(fact.id)
        await self.after()


async def _at_once() -> None:
    await asyncio.sleep(0)


def outbox_of(collection: mongo.Collection, listener: Told | None = None, **others: Any) -> Outbox:
    """An outbox that looks every 10 ms for what was left."""
    said = {"sweep_seconds": 0.01} | others
    return Outbox(collection, (listener or Listener()).tell, CollectorRegistry(), **said)
