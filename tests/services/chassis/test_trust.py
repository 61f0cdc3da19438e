"""Who may ask a service: the others, by a short-lived token, and nobody else."""

import time
import timeit
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from prometheus_client import CollectorRegistry

from services.chassis.settings import ProcessSettings
from services.chassis.trust import Trust, credentials
from services.chassis.upstream import Upstream
from services.delivery import app as delivery
from services.delivery.settings import DeliverySettings
from services.mypage import app as mypage
from services.mypage.settings import MypageSettings
from services.order import app as order
from services.order.settings import OrderSettings
from services.payment import app as payment
from services.payment.settings import PaymentSettings
from tests.conftest import Place
from tests.services.serving import serving
from tests.services.sockets import on_a_socket
from tests.trust import SERVICE_SECRET

NOW = 1_800_000_000.0
NEXT = "the next secret of 32 bytes, for services"


def trusting(
    registry: CollectorRegistry | None = None, at: float = NOW, service: str = "order", **settings: Any
) -> Trust:
    return Trust(
        service,
        ProcessSettings.model_validate(settings),
        registry if registry is not None else CollectorRegistry(),
        clock=lambda: at,
    )


def shown(service: str = "order", secret: str = SERVICE_SECRET, at: float = NOW) -> str:
    return credentials("bff", service, secret, clock=lambda: at)()


def made(**claims: Any) -> str:
    said = {"iss": "bff", "aud": "order", "exp": NOW + 60, **claims}
    kept = {name: value for name, value in said.items() if value is not None}
    return f"Bearer {jwt.encode({'alg': 'HS256'}, kept, OctKey.import_key(SERVICE_SECRET))}"


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (shown(), True),
        (shown().replace("Bearer", "bearer"), True),
        (shown(at=NOW - 59), True),
        (shown(at=NOW - 89), True),
        (shown(at=NOW - 91), False),
        (shown(at=NOW + 29), True),
        (shown(at=NOW + 31), False),
        (shown("payment"), False),
        (shown(secret=NEXT), False),
        (made(aud=None), False),
        (made(iss=None), False),
        (made(exp=None), False),
        (made(aud=["order", "payment"]), True),
        *(
            (header, False)
            for header in (None, "", "Bearer", "Bearer x", "Bearer a.b.c", "Basic eA==", "토큰")
        ),
        (shown().removeprefix("Bearer "), False),
        (f"{shown()} ", False),
        ("Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJiZmYiLCJhdWQiOiJvcmRlciIsImV4cCI6NDAwMDAwMDAwMH0.", False),
        (f"Bearer {'a' * 5000}", False),
    ],
)
def test_a_token_of_a_service_opens_and_nothing_else(header: str | None, accepted: bool) -> None:  # noqa: FBT001 - a case of the table
    registry = CollectorRegistry()
    assert trusting(registry).accepts(header) is accepted
    assert registry.get_sample_value("internal_requests_refused_total") == (0 if accepted else 1)


def test_the_secret_can_be_changed_without_an_interruption() -> None:
    """First everybody accepts the next one, then everybody uses it, then the former is dropped."""
    before = trusting()
    first = trusting(service_secret_previous=NEXT)
    then = trusting(service_secret=NEXT, service_secret_previous=SERVICE_SECRET)
    after = trusting(service_secret=NEXT)
    old, new = shown(), shown(secret=NEXT)
    assert [each.accepts(old) for each in (before, first, then, after)] == [True, True, True, False]
    assert [each.accepts(new) for each in (before, first, then, after)] == [False, True, True, True]


def test_a_token_is_the_same_for_half_its_life_and_then_a_fresh_one() -> None:
    now = [NOW]
    show = credentials("bff", "order", SERVICE_SECRET, clock=lambda: now[0])
    first = show()
    now[0] += 29.9
    assert show() == first
    now[0] += 0.1
    assert show() != first
    assert trusting(at=now[0] + 29.9).accepts(show())
    now[0] -= 3600  # the clock was wrong, and is set right
    assert trusting(at=now[0]).accepts(show())


@pytest.fixture(params=["order", "payment", "delivery", "mypage"])
async def service(
    request: pytest.FixtureRequest, place_without_broker: Place
) -> AsyncIterator[httpx2.AsyncClient]:
    settings = place_without_broker.settings
    apps = {
        "order": lambda: order.build(settings(OrderSettings)),
        "payment": lambda: payment.build(settings(PaymentSettings, payment_sandbox=True)),
        "delivery": lambda: delivery.build(settings(DeliverySettings)),
        "mypage": lambda: mypage.build(settings(MypageSettings)),
    }
    async with serving(apps[request.param]()) as client:
        yield client


PATHS = [
    *(("GET", path) for path in ("/feed", "/feed/1", "/fruits", "/payments/1", "/sandbox", "/rebuild")),
    *(("GET", path) for path in ("/", "/nothing", "/healthz/", "//healthz", "/metrics/x", "/HEALTHZ")),
    *(("POST", path) for path in ("/orders", "/orders/find", "/orders/1/cancel", "/rebuild")),
    *(("POST", path) for path in ("/deliveries/1/complete", "/%68ealthz/../orders")),
    *(("PUT", path) for path in ("/payments/1", "/sandbox")),
]


async def test_every_route_but_three_is_for_services_alone(service: httpx2.AsyncClient) -> None:
    for method, path in PATHS:
        for headers in ({"authorization": ""}, {"authorization": "Bearer x"}):
            refused = await service.request(method, path, headers=headers)
            assert (refused.status_code, list(refused.json())) == (401, ["error"]), path
        assert (await service.request(method, path)).status_code != 401, path
    for path in ("/healthz", "/readyz", "/metrics"):
        assert (await service.get(path, headers={"authorization": ""})).status_code in {200, 503}
    metrics = (await service.get("/metrics")).text
    assert f"internal_requests_refused_total {len(PATHS) * 2:.1f}" in metrics


async def test_who_asks_over_the_network_shows_a_token(place_without_broker: Place) -> None:
    built = delivery.build(place_without_broker.settings(DeliverySettings))
    async with on_a_socket(built) as url:
        for shows, status in (
            (credentials("bff", "delivery", SERVICE_SECRET), 404),
            (credentials("bff", "payment", SERVICE_SECRET), 401),
            (None, 401),
        ):
            upstream = Upstream(url, shows)
            assert (await upstream.ask("GET", "/deliveries/1")).status == status
            assert await upstream.alive()
            await upstream.close()


def test_a_token_costs_a_call_next_to_nothing() -> None:
    show = credentials("bff", "order", SERVICE_SECRET)
    trust = trusting(at=time.time())
    header = show()
    calls = 1000
    seconds = min(timeit.repeat(lambda: trust.accepts(header) and show(), number=calls, repeat=5))
    assert seconds / calls < 100e-6
