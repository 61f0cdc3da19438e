"""A service as it really is, asked over HTTP without a socket."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2
from pydantic import BaseModel
from starlette.applications import Starlette

from tests.trust import trusted

JSON = {"content-type": "application/json"}


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """Its whole life, and a client. An exception that nobody handles reaches the test."""
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://service", headers=trusted()
        ) as client,
    ):
        yield client


def ready(client: httpx2.AsyncClient) -> Callable[[], Awaitable[bool]]:
    """Whether the service says it is."""

    async def is_ready() -> bool:
        return (await client.get("/readyz")).status_code == 200

    return is_ready


async def sent(
    client: httpx2.AsyncClient, method: str, path: str, body: BaseModel | bytes
) -> httpx2.Response:
    content = body if isinstance(body, bytes) else body.model_dump_json().encode()
    return await client.request(method, path, content=content, headers=JSON)
