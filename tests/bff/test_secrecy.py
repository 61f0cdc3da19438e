"""What a gateway writes down at its most talkative: no token, good or bad, however it came."""

import json
from collections.abc import Iterator
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from tests.bff.asking import Gateway, token
from tests.bff.browsing import ours, with_cookie
from tests.bff.test_auth import forged, unsigned
from tests.bff.test_running import WATCH_ALL, process_of
from tests.conftest import Place
from tests.trust import trusted

GOOD = token(seconds=3600)
BAD = [
    forged({"sub": "customer-1", "exp": 1}),
    forged({"sub": "customer-1", "exp": 4_000_000_000}, secret="another secret of 32 bytes or more"),
    unsigned({"sub": "customer-1", "exp": 4_000_000_000}, "none"),
]


def traces(secret: str) -> Iterator[str]:
    """Pieces by which it would be known again: of each of its parts, and of its end."""
    for part in secret.split("."):
        if len(part) >= 16:
            yield part[8:24]
            yield part[-12:]


async def ask_in_every_way(gateway: Gateway, secret: str) -> None:
    header = {"authorization": f"Bearer {secret}"}
    body = {"query": "{ myOrders { edges { node { id } } } }"}
    for headers in (header, header | {"accept": "text/event-stream"}, {"authorization": secret}):
        await gateway.ask("POST", "/graphql", json=body, headers=headers)
    await gateway.ask("POST", f"/graphql?access_token={secret}", json=body)
    await gateway.ask("GET", f"/{secret}", headers=header)
    await gateway.ask("POST", "/auth/sign-out", json={"customerId": "customer-1"}, headers=header)
    async with gateway.knock() as socket:
        try:
            await socket.says("connection_init", payload={"Authorization": f"Bearer {secret}"})
            if (await socket.hears())["type"] == "connection_ack":
                await socket.subscribes("1", WATCH_ALL)
        except ConnectionClosed:
            pass
    await ask_with_cookies(gateway, secret)
    await gateway.ask("POST", "/auth/revoke", data={"token": secret})


async def ask_with_cookies(gateway: Gateway, secret: str) -> None:
    cookie = {**ours(gateway), **with_cookie(secret)}
    for method in ("GET", "POST", "DELETE", "PUT"):
        await gateway.ask(method, "/session", json={"token": secret}, headers=cookie)
    await gateway.ask("POST", "/graphql", json={"query": "{ __typename }"}, headers=cookie)
    await gateway.ask("GET", "/orders", headers=cookie)
    async with gateway.knock(origin=cookie.pop("origin"), headers=cookie) as socket:
        with suppress(ConnectionClosed):
            await socket.says("connection_init")
            await socket.hears()


@pytest.mark.parametrize("form", ["json", "console"])
async def test_no_token_is_in_the_log(place_without_broker: Place, form: str) -> None:
    async with process_of(place_without_broker, LOG_LEVEL="debug", LOG_FORMAT=form) as (process, gateway):
        for secret in (*BAD, GOOD, "Bearer", "eyJ"):
            await ask_in_every_way(gateway, secret)
        service = trusted()["authorization"].removeprefix("Bearer ")
        headers = {"authorization": f"Bearer {service}"}
        status, _, _ = await gateway.ask(
            "POST", "/auth/sign-out", json={"customerId": "customer-1"}, headers=headers
        )
        assert status == 204
        process.terminate()
        _, written = await process.communicate()
    log = written.decode()
    assert len(log.splitlines()) > 5, log
    for secret in (*BAD, GOOD, service):
        for trace in traces(secret):
            assert trace not in log, log
    if form == "json":
        assert all(json.loads(line) for line in log.splitlines())
