"""The feeds of order, payment and delivery, read page by page and joined by order."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import quote

from pydantic import ValidationError

from schema.events import Event
from schema.feed import Entry, FeedPage
from services.chassis.upstream import Failure, Upstream

AT_ONCE = 250
"""Entries asked for at once: reading them holds up this process' other work for some milliseconds."""

ANSWER_SECONDS = 5.0
PATIENCE_SECONDS = 30.0
"""A service may be away for so long."""

PAGE: type[FeedPage[Entry]] = FeedPage[Entry]

Beat = Callable[[], Awaitable[None]]


class FeedAwayError(Exception):
    """A service whose feed is needed did not answer for a long time; the message says which."""


class UnreadableError(Exception):
    """A feed says what cannot be read; the message says which, of which order."""


class SourceFeed:
    """One service's feed. `beat` is called now and then while it waits."""

    def __init__(self, name: str, upstream: Upstream, beat: Beat) -> None:
        self._name = name
        self._upstream = upstream
        self._beat = beat

    async def entries(self) -> AsyncIterator[Entry]:
        """All entries, in the order of order ids. Raises FeedAwayError, UnreadableError."""
        after: str | None = ""
        while after is not None:
            page = self._read(await self._asked(f"/feed?limit={AT_ONCE}&after={quote(after)}"))
            for entry in page.entries:
                yield entry
            after = page.next

    def _read(self, body: bytes) -> FeedPage[Entry]:
        try:
            return PAGE.model_validate_json(body)
        except ValidationError as error:
            match error.errors(include_url=False, include_input=False)[0]["loc"]:
                case ("entries", int() as number, *where):
                    entry = json.loads(body)["entries"][number]
                    whose = entry.get("order_id") if isinstance(entry, dict) else None
                    what = f"order {whose} cannot be read ({'.'.join(map(str, where))})"
                case _:
                    what = "orders makes no sense"
            raise UnreadableError(f"What {self._name} says of {what}.") from error

    async def _asked(self, path: str) -> bytes:
        gives_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            said = "did not answer"
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    answer = await self._upstream.ask("GET", path)
            except (Failure, TimeoutError):
                pass
            else:
                if answer.status == HTTPStatus.OK:
                    return answer.body
                said = f"answered {answer.status}"
            if time.monotonic() > gives_up:
                raise FeedAwayError(f"The feed of {self._name} {said} for {PATIENCE_SECONDS:.0f} s.")
            await self._beat()
            await asyncio.sleep(0.5)


async def joined(feeds: Sequence[AsyncIterator[Entry]]) -> AsyncIterator[tuple[str, Mapping[str, Event]]]:
    """Each order that anybody tells facts of, with all of them by id; the later feeds know better."""
    heads = [await anext(feed, None) for feed in feeds]
    while ids := [head.order_id for head in heads if head]:
        order_id = min(ids)
        facts: dict[str, Event] = {}
        for number, head in enumerate(heads):
            if head and head.order_id == order_id:
                facts |= {fact.id: fact for fact in head.facts}
                heads[number] = await anext(feeds[number], None)
        if facts:
            yield order_id, facts
