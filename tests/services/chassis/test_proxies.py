"""Who may say where a client is."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.chassis.serve import configuration
from services.chassis.settings import ProcessSettings
from tests.waiting import until


def who(request: Request) -> JSONResponse:
    return JSONResponse(request.client.host if request.client else None)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def served(settings: ProcessSettings) -> AsyncIterator[str]:
    config = configuration(Starlette(routes=[Route("/", who)]), settings)
    config.port = 0
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [((), "127.0.0.1"), (("192.0.2.1",), "127.0.0.1"), (("127.0.0.1",), "198.51.100.7")],
)
async def test_only_a_proxy_that_is_trusted_says_where_a_client_is(
    monkeypatch: pytest.MonkeyPatch, proxies: tuple[str, ...], seen: str
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    async with served(ProcessSettings(trusted_proxies=proxies)) as url, httpx2.AsyncClient() as client:
        answer = await client.get(url, headers={"x-forwarded-for": "198.51.100.7"})
    assert json.loads(answer.content) == seen
