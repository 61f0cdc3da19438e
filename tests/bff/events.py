"""A reader of server-sent events such as a browser has: it comes back, and says what it saw last.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from tests.bff.asking import Gateway, bearer


class Event(NamedTuple):
    """What a listener is given."""

    kind: str
    data: Any


class EventSource:
    """Listens to an operation of customer-1, asked by GET as browsers do."""

    def __init__(self, gateway: Gateway, query: str) -> None:
        self._gateway = gateway
        self._query = query
        self.last_event_id = ""
        self.retry_seconds = 3.0
        self.connections = 0

    async def events(self) -> AsyncIterator[Event]:
        """What comes, over as many connections as it takes, until `complete`."""
        while True:
            async for event in self._of_one_connection():
                yield event
                if event.kind == "complete":
                    return
            await asyncio.sleep(self.retry_seconds)

    async def _of_one_connection(self) -> AsyncIterator[Event]:
        self.connections += 1
        headers = {**bearer(), "accept": "text/event-stream"}
        if self.last_event_id:
            headers["last-event-id"] = self.last_event_id
        url = f"http://{self._gateway.address}/graphql"
        async with self._gateway.session.get(url, params={"query": self._query}, headers=headers) as response:
            assert response.status == 200
            fields: dict[str, str] = {}
            async for line in response.content:
                if text := line.decode().rstrip("\n"):
                    self._take(fields, *text.split(":", 1))
                elif "data" in fields:
                    yield Event(fields.pop("event", "message"), json.loads(fields.pop("data") or "null"))

    def _take(self, fields: dict[str, str], name: str, value: str) -> None:
        value = value.removeprefix(" ")
        if name == "id":
            self.last_event_id = value
        elif name == "retry":
            self.retry_seconds = int(value) / 1000
        elif name:
            fields[name] = value
