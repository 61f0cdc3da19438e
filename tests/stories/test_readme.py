"""The README is true: its tour runs, and its table of settings is the code's."""

import asyncio
import re
from pathlib import Path

import pytest

from compose import metrics, settings
from tests.stories.stack import Stack
from tests.waiting import until

README = Path(__file__).parent.parent.parent / "README.md"


def tour() -> str:
    """The commands of the five-minute tour, as a reader would paste them."""
    section = README.read_text(encoding="utf-8").split("## A five-minute tour")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL))


@pytest.mark.usefixtures("levers")
async def test_the_tour_shows_what_it_promises(stack: Stack) -> None:
    await until(stack.is_whole, timeout=30)
    script = (
        tour().replace("http://127.0.0.1:8000", stack.http).replace("http://127.0.0.1:8002", stack.payment)
    )
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-euc",
        script,
        cwd=README.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        output = (await process.communicate())[0].decode()
    assert process.returncode == 0, output
    for promise in (
        '"name":"사과","unitPrice":5000,"english":"Apple"',
        '"__typename":"OrderPlaced"',
        '"amount":10000,"status":"PAID","statusLabel":"결제 완료"',
        '"status":"DELIVERING","statusLabel":"배송 시작","payment":{"status":"APPROVED"}',
        "event: next",
        "event: complete",
        "websocket: connection_ack",
        "websocket: complete",
        '"order":{"status":"CANCELED","cancelReason":"BY_CUSTOMER"}',
        '"status":"CANCELED","payment":{"status":"CANCELED"},"delivery":{"status":"CANCELED"}',
        '"__typename":"PaymentUnavailable","retryAfterMs":',
        '"state":"open"',
        '"stopped":false',
    ):
        assert promise in output, f"{promise} is not in:\n{output}"


def test_the_table_of_settings_is_the_codes() -> None:
    assert settings.markdown() in README.read_text(encoding="utf-8")


def test_the_table_of_metrics_is_the_codes() -> None:
    assert metrics.markdown() in README.read_text(encoding="utf-8")


def test_every_metric_says_what_it_means() -> None:
    for line in metrics.markdown().splitlines()[2:]:
        assert line.endswith(". |"), line


def test_every_setting_says_what_it_is() -> None:
    for line in settings.markdown().splitlines()[2:]:
        assert not line.endswith("| None |"), line
