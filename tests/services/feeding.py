"""Feeds, read as whoever compares them reads them."""

from typing import TypeVar

import httpx2

from schema.feed import Entry, FeedPage

E = TypeVar("E", bound=Entry)


async def page_of(client: httpx2.AsyncClient, kind: type[E], **query: str | int) -> FeedPage[E]:
    """One page."""
    response = await client.get("/feed", params=query)
    assert response.status_code == 200, response.text
    return FeedPage[kind].model_validate_json(response.content)  # type: ignore[valid-type] # known when run


async def entry_of(client: httpx2.AsyncClient, kind: type[E], order_id: str) -> E:
    """One entry."""
    response = await client.get(f"/feed/{order_id}")
    assert response.status_code == 200, response.text
    return kind.model_validate_json(response.content, strict=True, extra="forbid")
