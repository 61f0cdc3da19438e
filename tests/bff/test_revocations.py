"""Authorisations that are taken away, on two gateways that share a database."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from typer.testing import CliRunner

from bff import revocations
from bff.caller import Caller
from bff.revocations import KEPT_LONGER_SECONDS, Revocations
from compose.cli import app
from services.chassis import mongo
from services.chassis.background import running
from tests.bff.asking import Gateway, token
from tests.bff.conftest import gateway_of
from tests.bff.test_auth import forged
from tests.conftest import Place
from tests.proxy import linked
from tests.trust import trusted
from tests.waiting import until

MINE = {"query": "{ myOrders { edges { node { id } } } }"}
WATCH_ALL = "subscription { myOrderUpdates { id } }"
LATER = 4_000_000_000
NOW = 1_800_000_000.0
CALLER = Caller("customer-1", expires_at=NOW + 60, issued_at=NOW - 10, token_id="one")

Two = tuple[Gateway, Gateway]


@pytest.fixture
async def two(place_without_broker: Place) -> AsyncIterator[Two]:
    async with gateway_of(place_without_broker) as one, gateway_of(place_without_broker) as other:
        yield one, other


async def lets_in(gateway: Gateway, secret: str) -> bool:
    headers = {"authorization": f"Bearer {secret}"}
    status, _, _ = await gateway.ask("POST", "/graphql", json=MINE, headers=headers)
    assert status in {200, 401}
    return status == 200


async def revoke(gateway: Gateway, secret: str) -> int:
    status, _, _ = await gateway.ask("POST", "/auth/revoke", data={"token": secret})
    return status


async def sign_out(gateway: Gateway, customer: object, **headers: str) -> int:
    body = {"customerId": customer}
    status, _, _ = await gateway.ask("POST", "/auth/sign-out", json=body, headers=headers or trusted())
    return status


async def test_a_revoked_token_is_void_here_at_once_and_everywhere_in_two_seconds(two: Two) -> None:
    here, there = two
    first, second = token(), token()
    assert await lets_in(there, first)
    assert await revoke(here, first) == 200
    assert not await lets_in(here, first)
    async with asyncio.timeout(2):
        await until(lambda: _not(lets_in(there, first)), every=0.05)
    assert await lets_in(here, second)
    assert await lets_in(there, second)


async def test_a_token_without_a_name_can_be_revoked_too(two: Two) -> None:
    here, there = two
    first, second = [forged({"sub": "customer-1", "exp": LATER + n}) for n in range(2)]
    assert await revoke(here, first) == 200
    await until(lambda: _not(lets_in(there, first)))
    assert await lets_in(there, second)


async def test_what_is_open_ends_when_its_token_is_revoked_elsewhere(two: Two) -> None:
    here, there = two
    secret = token()
    async with there.knock() as socket:
        await socket.says("connection_init", payload={"Authorization": f"Bearer {secret}"})
        assert await socket.hears() == {"type": "connection_ack"}
        await socket.subscribes("1", WATCH_ALL)
        assert await revoke(here, secret) == 200
        async with asyncio.timeout(5):
            assert await socket.close_code() == 4403


async def test_who_is_signed_out_has_no_good_token_but_can_have_a_new_one(two: Two) -> None:
    here, there = two
    old = [token(), token(), forged({"sub": "customer-1", "exp": LATER})]
    others = token("customer-2")
    assert await sign_out(here, "customer-1") == 204
    for secret in old:
        assert not await lets_in(here, secret)
        await until(lambda each=secret: _not(lets_in(there, each)))  # type: ignore[misc] # mypy: a default
    fresh = token()
    for gateway in two:
        assert await lets_in(gateway, fresh)
        assert await lets_in(gateway, others)


async def test_an_operator_signs_a_customer_out(two: Two) -> None:
    here, there = two
    secret = token("7181")
    said = await asyncio.to_thread(
        lambda: CliRunner().invoke(app, ["sign-out", "7181"], env={"BFF_URL": f"http://{here.address}"})
    )
    assert (said.exit_code, said.output) == (0, "All tokens that customer 7181 had are void.\n")
    await until(lambda: _not(lets_in(there, secret)))


@pytest.mark.parametrize(
    ("environment", "customer", "said"),
    [
        ({"BFF_URL": "http://127.0.0.1:9"}, "7181", "does not answer"),
        ({"BFF_URL": "gateway"}, "7181", "BFF_URL is no address"),
        ({"SERVICE_SECRET": "another secret of 32 bytes or more"}, "7181", "another SERVICE_SECRET"),
        ({}, "", "1 to 100 characters"),
    ],
)
async def test_an_operator_is_told_why_nobody_was_signed_out(
    two: Two, environment: dict[str, str], customer: str, said: str
) -> None:
    told = {"BFF_URL": f"http://{two[0].address}", **environment}
    result = await asyncio.to_thread(lambda: CliRunner().invoke(app, ["sign-out", customer], env=told))
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert said in result.output


@pytest.mark.parametrize("bad", ["nonsense", "", forged({"sub": "x", "exp": 1}), "토큰", "a.b.c", "%ff"])
async def test_a_token_that_is_no_good_is_void_already(gateway: Gateway, bad: str) -> None:
    assert await revoke(gateway, bad) == (200 if bad else 400)
    secret = token()
    assert [await revoke(gateway, secret) for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    "body", [b"", b"token", b"token=", b"toke=x", b"token=a&token=b", b"\xff", b'{"token": "x"}', b"&" * 99]
)
async def test_what_is_no_form_with_a_token_is_told_so(gateway: Gateway, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    status, _, said = await gateway.ask("POST", "/auth/revoke", data=body, headers=headers)
    assert (status, json.loads(said)["error"]) == (400, "invalid_request")


async def test_too_much_is_not_read(gateway: Gateway) -> None:
    assert await revoke(gateway, "x" * 20_000) == 413


async def test_nobody_fills_the_memory_of_what_others_have_revoked(
    place_without_broker: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bff.identity.REVOKED_AT_ONCE", 2)
    async with gateway_of(place_without_broker) as gateway:
        mine = [token("customer-1", seconds=600 + each) for each in range(3)]
        assert [await revoke(gateway, each) for each in mine] == [200, 200, 429]
        assert await revoke(gateway, token("customer-2")) == 200


async def test_only_a_service_may_sign_somebody_out(gateway: Gateway) -> None:
    for header in ("", "Bearer x", f"Bearer {token()}"):
        assert await sign_out(gateway, "customer-9", authorization=header) == 401
    for customer in (None, "", "c" * 101, ["c"]):
        assert await sign_out(gateway, customer) == 400
    assert await gateway.metric("internal_requests_refused_total") >= 3


async def test_without_its_database_a_gateway_goes_on_with_what_it_knows(
    place_without_broker: Place, database: mongo.Database
) -> None:
    port = int(place_without_broker.mongo_url.rpartition(":")[2].partition("/")[0])
    async with linked(port) as link:
        url = f"mongodb://127.0.0.1:{link.port}/?directConnection=true"
        async with gateway_of(place_without_broker, mongo_url=url, mongo_timeout_seconds=0.5) as gateway:
            known, new = token(), token()
            assert await revoke(gateway, known) == 200
            link.freeze()
            assert await revoke(gateway, new) == 503
            headers = {"authorization": f"Bearer {known}"}
            for secret in (known, new):
                headers = {"authorization": f"Bearer {secret}"}
                status, _, _ = await gateway.ask("POST", "/graphql", json=MINE, headers=headers)
                assert status == 401
            link.thaw()
            await until(lambda: _is(revoke(gateway, new), 200), timeout=20)
    assert await database.client[f"{database.name}_bff"]["revocations"].count_documents({}) >= 1


def known(collection: mongo.Collection, **options: Any) -> Revocations:
    settings: dict[str, Any] = {"remembered_seconds": 3600, "clock": lambda: NOW, **options}
    return Revocations(collection, CollectorRegistry(), **settings)


async def test_what_was_revoked_is_remembered_by_who_comes_later(database: mongo.Database) -> None:
    earlier, later = [known(database["revocations"]) for _ in range(2)]
    await earlier.revoke(CALLER)
    await earlier.sign_out("customer-2")
    async with running(later.run()):
        await until(lambda: later.covers(CALLER))
    assert not later.covers(Caller("customer-1", NOW + 60, NOW - 10, "two"))
    assert not later.covers(Caller("customer-3", NOW + 60, NOW - 10, "one"))
    assert later.covers(Caller("customer-2", NOW + 60, NOW - 0.001, "three"))
    assert later.covers(Caller("customer-2", NOW + 60, None, "four"))
    assert not later.covers(Caller("customer-2", NOW + 60, NOW, "five"))


async def test_what_is_read_again_is_no_change(database: mongo.Database) -> None:
    now = [NOW]
    kept = known(database["revocations"], clock=lambda: now[0])
    await kept.revoke(CALLER)
    await kept.sign_out("customer-2")
    for _ in range(3):
        await kept._look()
    assert kept.changes == 2
    now[0] += 1
    await kept.sign_out("customer-2")
    assert kept.changes == 3


async def test_of_two_sign_outs_the_later_counts(database: mongo.Database) -> None:
    now = [NOW]
    one, other, third = [known(database["revocations"], clock=lambda: now[0]) for _ in range(3)]
    now[0] = NOW + 5
    await one.sign_out("customer-1")
    now[0] = NOW
    await other.sign_out("customer-1")
    async with running(third.run()):
        await until(lambda: third.covers(Caller("customer-1", NOW + 60, NOW + 4, "x")))
    assert not third.covers(Caller("customer-1", NOW + 60, NOW + 5, "x"))


async def test_what_has_ended_is_forgotten_and_no_more_is_kept_than_fits(
    database: mongo.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocations, "LOOK_SECONDS", 0.02)
    now = [NOW]
    kept = known(database["revocations"], clock=lambda: now[0], at_most=3)
    tokens = [Caller("customer-1", NOW + 60 + n, NOW, f"token-{n}") for n in range(5)]
    async with running(kept.run()):
        for each in tokens:
            await kept.revoke(each)
        await until(lambda: [kept.covers(each) for each in tokens] == [False, False, True, True, True])
        now[0] = NOW + 63 + KEPT_LONGER_SECONDS
        await until(lambda: [kept.covers(each) for each in tokens] == [False, False, False, True, True])


async def test_the_database_forgets_by_itself(database: mongo.Database) -> None:
    kept = known(database["revocations"])
    async with running(kept.run()):
        await kept.revoke(CALLER)
        await until(lambda: _has_ttl(database["revocations"]))
    entry = await database["revocations"].find_one({})
    assert entry
    assert entry["ends"].timestamp() == CALLER.expires_at + KEPT_LONGER_SECONDS
    assert "customer-1" not in str(entry)


async def _has_ttl(collection: mongo.Collection) -> bool:
    indexes = await collection.index_information()
    return any(each.get("expireAfterSeconds") == 0 for each in indexes.values())


async def _not(answer: Any) -> bool:
    return not await answer


async def _is(answer: Any, expected: object) -> bool:
    return bool(await answer == expected)
