import asyncio
import time

import httpx2
import pytest
from starlette.applications import Starlette

from services.chassis import metrics
from services.chassis.background import running
from services.chassis.health import Dependency, Health
from tests.waiting import until


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


async def test_what_was_found_is_among_the_numbers() -> None:
    missing = health(ok=False)

    def shown(name: str, **labels: str) -> float | None:
        return missing.registry.get_sample_value(name, labels)

    assert (shown("ready"), shown("dependency_ok", dependency="thing")) == (-1, None)
    await asked(missing, "/readyz")
    assert (shown("ready"), shown("dependency_ok", dependency="thing")) == (0, 0)
    missing.dependencies = health(ok=True).dependencies
    await asked(missing, "/readyz")
    assert (shown("ready"), shown("dependency_ok", dependency="thing")) == (1, 1)


async def test_alive_unless_it_is_stuck() -> None:
    stuck = health(ok=True)
    assert (await asked(stuck, "/healthz")).json() == {"alive": True}
    stuck.stuck = lambda: True
    response = await asked(stuck, "/healthz")
    assert (response.status_code, response.json()) == (503, {"alive": False})


async def test_how_late_the_event_loop_comes_round_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "LAG_SAMPLED_EVERY_SECONDS", 0.01)
    registry = metrics.registry()

    def lag() -> float | None:
        return registry.get_sample_value("event_loop_lag_seconds")

    async with running(metrics.LoopLag(registry).sample()):
        await until(lambda: (lag() or 0) > 0)
        time.sleep(0.2)  # noqa: ASYNC251 # what nobody should do
        await until(lambda: (lag() or 0) > 0.1)
        await until(lambda: (lag() or 0) < 0.1)


async def test_what_takes_too_long_to_answer_is_not_there() -> None:
    async def ask() -> bool:
        await asyncio.Event().wait()
        return True

    response = await asked(Health({"thing": Dependency(ask)}), "/readyz")
    assert response.json()["dependencies"]["thing"]["ok"] is False
