"""The levers of payment's sandbox, pulled from the command line, at a payment service that runs."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from typer.testing import CliRunner

from compose.cli import app
from services.payment import app as payment
from services.payment.settings import PaymentSettings
from tests.bff.serving import serving
from tests.conftest import NOWHERE, Place
from tests.trust import SERVICE_SECRET


@pytest.fixture
async def url(place_without_broker: Place) -> AsyncIterator[str]:
    settings = place_without_broker.settings(PaymentSettings, payment_sandbox=True)
    async with serving(payment.build(settings)) as address:
        yield f"http://{address}"


async def said(url: str, *arguments: str, secret: str = SERVICE_SECRET) -> tuple[int, str]:
    names = ("ORDER_URL", "DELIVERY_URL", "MYPAGE_URL")
    others = {**dict.fromkeys(names, f"http://{NOWHERE}"), "RABBITMQ_URL": f"amqp://{NOWHERE}"}
    environment = {**others, "PAYMENT_URL": url, "SERVICE_SECRET": secret}
    result = await asyncio.to_thread(CliRunner().invoke, app, ["levers", *arguments], env=environment)
    return result.exit_code, result.output


async def test_without_an_option_they_are_shown(url: str) -> None:
    status, shown = await said(url)
    assert status == 0
    assert "latency_ms_min  50" in shown


async def test_what_is_named_changes_and_the_rest_stays(url: str) -> None:
    await said(url, "--latency-min", "100", "--failure-rate", "0.5")
    status, shown = await said(url, "--stopped")
    assert status == 0
    assert "latency_ms_min  100" in shown
    assert "failure_rate    0.5" in shown
    assert "stopped         True" in shown
    assert "stopped         False" in (await said(url, "--going"))[1]


@pytest.mark.parametrize(
    ("arguments", "secret", "sentence"),
    [
        (("--latency-min", "900"), SERVICE_SECRET, "latency_ms_max is less than latency_ms_min"),
        ((), "another-secret-of-thirty-two-bytes!", "another SERVICE_SECRET"),
    ],
    ids=["out of order", "not let in"],
)
async def test_what_cannot_be_is_said_in_a_sentence(
    url: str, arguments: tuple[str, ...], secret: str, sentence: str
) -> None:
    status, shown = await said(url, *arguments, secret=secret)
    assert status == 1
    assert sentence in shown


async def test_a_payment_that_is_away_is_said_to_be() -> None:
    status, shown = await said(f"http://{NOWHERE}")
    assert status == 1
    assert "does not answer" in shown
