"""Where no siege can be laid, one sentence says why."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from compose.cli import app
from compose.ops.addresses import VARIABLES
from tests.conftest import NOWHERE

SOUND = dict.fromkeys(VARIABLES, f"http://{NOWHERE}") | {"RABBITMQ_URL": f"amqp://{NOWHERE}"}


def said(*arguments: str, **environment: str) -> str:
    nothing = dict.fromkeys((*VARIABLES, "BFF_URL"), "")
    result = CliRunner().invoke(app, ["siege", *arguments], env=nothing | environment)
    assert result.exit_code == 2, result.output
    assert result.output.count("\n") == 1
    return result.output


def test_where_nothing_runs(tmp_path: Path) -> None:
    assert "start one with make up" in said("--directory", str(tmp_path))


@pytest.mark.parametrize(
    "url",
    ["http://example.com", "http://10.0.0.1:8000", "http://0.0.0.0:8000", "http://127.0.0.1.example.com"],
)
def test_where_the_gateway_is_on_another_machine(url: str) -> None:
    assert f"{url} is not on this machine" in said("--url", url, **SOUND)


def test_where_the_address_is_none() -> None:
    assert "--url is no address" in said("--url", "fruit", **SOUND)


def test_where_a_time_is_none() -> None:
    assert "say milliseconds, as 500 or 400-620" in said("--payment", "soon", **SOUND)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
def test_where_payment_does_not_answer(url: str) -> None:
    assert "does not answer" in said("--url", url, **SOUND)
