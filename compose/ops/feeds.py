"""Reads the feeds of the four services: side by side from beginning to end, or one order at a time."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import orjson
from pydantic import TypeAdapter, ValidationError

from compose.ops.addresses import Addresses
from compose.ops.story import KINDS, Damaged, Service, Story
from compose.trouble import Trouble
from schema.feed import PAGE, Entry, FeedPage

ANSWERS_WITHIN = 10.0
"""Seconds a page may take."""

PAUSES = (0.2, 1.0)
"""Seconds before asking again where there was no connection, or no database."""

PAGES: dict[Service, TypeAdapter[FeedPage[Any]]] = {
    service: TypeAdapter(FeedPage[kind])  # type: ignore[valid-type] # mypy: a generic made at run time
    for service, kind in KINDS.items()
}


Said = Entry | Damaged
"""What a service says of an order."""


class NoAnswer(Trouble):
    """A service does not answer, or not with its feed."""

    def __init__(self, service: Service, url: str, why: str) -> None:
        super().__init__(f"The {service} service at {url} {why}: see that it runs, and ask again.")
        self.service = service


class Feeds:
    """The feeds of a running system; a context manager. Every method may raise NoAnswer."""

    def __init__(
        self,
        addresses: Addresses,
        *,
        page: int = PAGE,
        answers_within: float = ANSWERS_WITHIN,
        pauses: Sequence[float] | None = None,
    ) -> None:
        self._urls: dict[Service, str] = {service: getattr(addresses, service) for service in KINDS}
        self._shows = {service: addresses.shows(service) for service in KINDS}
        self._page = page
        self._pauses = PAUSES if pauses is None else pauses
        self._timeout = aiohttp.ClientTimeout(total=answers_within)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def stories(self) -> AsyncGenerator[Story, None]:
        """Every order that any service knows, by its id; at most two pages of each are in memory."""
        async with contextlib.AsyncExitStack() as stack:
            readers: dict[Service, AsyncIterator[Said]] = {
                service: await stack.enter_async_context(contextlib.aclosing(self._entries(service)))
                for service in KINDS
            }
            heads = {service: await anext(reader, None) for service, reader in readers.items()}
            while ids := [head.order_id for head in heads.values() if head]:
                first = min(ids)
                found = {name: head for name, head in heads.items() if _is_of(head, first)}
                yield Story.of(first, found)
                for service in KINDS:
                    if service in found:
                        heads[service] = await anext(readers[service], None)

    async def story(self, order_id: str) -> Story:
        """One order, effects read before causes, so that no effect is without its cause."""
        found: dict[Service, Said | None] = {}
        for service in reversed(KINDS):
            found[service] = await self.entry(service, order_id)
        return Story.of(order_id, found)

    async def entry(self, service: Service, order_id: str) -> Any:
        """What one service says of one order (an Entry, or Damaged); None where it knows nothing of it."""
        if not order_id:
            raise Trouble("An order's id is never empty: say which order.")
        body = await self._get(service, f"/feed/{quote(order_id, safe='')}")
        return None if body is None else self._read(service, _parsed(body), order_id)

    async def _entries(self, service: Service) -> AsyncGenerator[Said, None]:
        """A whole feed; the next page is fetched while this one is looked at."""
        coming = asyncio.create_task(self._fetched(service, None))
        try:
            last = ""
            while True:
                entries, following = await coming
                if following is not None:
                    coming = asyncio.create_task(self._fetched(service, following))
                for entry in entries:
                    if entry.order_id <= last:
                        raise self._silent(service, "does not go through its feed in order")
                    last = entry.order_id
                    yield entry
                if following is None:
                    return
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _fetched(self, service: Service, after: str | None) -> tuple[Sequence[Said], str | None]:
        """A page, and where the next one begins. One entry that cannot be read does not hide the others."""
        place = f"&after={quote(after, safe='')}" if after is not None else ""
        body = await self._get(service, f"/feed?limit={self._page}{place}")
        if body is None:
            raise self._silent(service, "has no feed")
        with contextlib.suppress(ValidationError):
            page = PAGES[service].validate_json(body)
            return page.entries, page.next
        match _parsed(body):
            case {"entries": list(raw), "next": str() | None as following}:
                return [self._read(service, each) for each in raw], following
            case _:
                raise self._silent(service, "has a feed that makes no sense")

    async def _get(self, service: Service, path: str) -> bytes | None:
        """The body; None where it is not found. A passing failure is given a second and a third chance."""
        for pause in self._pauses:
            with contextlib.suppress(NoAnswer):
                return await self._get_once(service, path)
            await asyncio.sleep(pause)
        return await self._get_once(service, path)

    async def _get_once(self, service: Service, path: str) -> bytes | None:
        headers = {"authorization": self._shows[service]()}
        try:
            async with self._session.get(f"{self._urls[service]}{path}", headers=headers) as response:
                if response.status == HTTPStatus.NOT_FOUND:
                    return None
                if response.status == HTTPStatus.UNAUTHORIZED:
                    raise self._silent(service, "has another SERVICE_SECRET")
                if response.status != HTTPStatus.OK:
                    raise self._silent(service, f"answers {response.status}")
                return await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._silent(service, f"does not answer ({type(error).__name__})") from error

    def _read(self, service: Service, raw: Any, order_id: str | None = None) -> Said:
        """An entry, or what is wrong with it. Raises NoAnswer where it is not even known whose it is."""
        try:
            return KINDS[service].model_validate(raw)
        except ValidationError as error:
            where = error.errors(include_url=False, include_input=False)[0]
            why = f"{'.'.join(map(str, where['loc']))}: {where['msg']}"
            whose = order_id or (raw.get("order_id") if isinstance(raw, dict) else None)
            if not isinstance(whose, str):
                raise self._silent(service, f"says what makes no sense ({why})") from error
            return Damaged(whose, why)

    def _silent(self, service: Service, why: str) -> NoAnswer:
        return NoAnswer(service, self._urls[service], why)


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _is_of(head: Said | None, order_id: str) -> bool:
    return head is not None and head.order_id == order_id
