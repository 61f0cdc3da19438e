import asyncio

import httpx2
from starlette.applications import Starlette

from services.chassis.health import Dependency, Health


def health(*, ok: bool, required: bool = True) -> Health:
    async def ask() -> bool:
        return ok

    return Health({"thing": Dependency(ask, required=required, detail=lambda: {"state": "odd"})})


async def asked(health: Health, path: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=Starlette(routes=health.routes()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:
        return await client.get(path)


async def test_ready_when_all_it_needs_is_there() -> None:
    response = await asked(health(ok=True), "/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "draining": False,
        "dependencies": {"thing": {"ok": True, "required": True, "state": "odd"}},
    }


async def test_not_ready_while_something_it_needs_is_missing() -> None:
    assert (await asked(health(ok=False), "/readyz")).status_code == 503


async def test_what_it_does_not_need_is_reported_and_forgiven() -> None:
    response = await asked(health(ok=False, required=False), "/readyz")
    assert response.status_code == 200
    assert response.json()["dependencies"]["thing"]["ok"] is False


async def test_not_ready_while_it_drains() -> None:
    draining = health(ok=True)
    draining.draining = True
    assert (await asked(draining, "/readyz")).status_code == 503
    assert (await asked(draining, "/healthz")).status_code == 200


async def test_what_takes_too_long_to_answer_is_not_there() -> None:
    async def ask() -> bool:
        await asyncio.Event().wait()
        return True

    response = await asked(Health({"thing": Dependency(ask)}), "/readyz")
    assert response.json()["dependencies"]["thing"]["ok"] is False
