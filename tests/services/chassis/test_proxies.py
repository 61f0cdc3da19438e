"""Who may say where a client is."""

import json

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.bff.serving import serving


def who(request: Request) -> JSONResponse:
    return JSONResponse(request.client.host if request.client else None)


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [((), "127.0.0.1"), (("192.0.2.1",), "127.0.0.1"), (("127.0.0.1",), "198.51.100.7")],
)
async def test_only_a_proxy_that_is_trusted_says_where_a_client_is(
    monkeypatch: pytest.MonkeyPatch, proxies: tuple[str, ...], seen: str
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    app = Starlette(routes=[Route("/", who)])
    async with serving(app, proxies=proxies) as address, httpx2.AsyncClient() as client:
        answer = await client.get(f"http://{address}", headers={"x-forwarded-for": "198.51.100.7"})
    assert json.loads(answer.content) == seen
