"""Addresses that are none are named, in one sentence."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from compose.cli import app
from compose.ops.addresses import VARIABLES, found

SOUND = dict.fromkeys(VARIABLES, "http://127.0.0.1:9") | {"RABBITMQ_URL": "amqp://127.0.0.1:9"}


def complaint(*arguments: str, **environment: str) -> str:
    nothing = dict.fromkeys(VARIABLES, "")
    result = CliRunner().invoke(app, list(arguments), env=nothing | environment)
    assert result.exit_code == 1, result.output
    assert result.output.count("\n") == 1
    return result.output


@pytest.mark.parametrize(
    "state", ["", "{", "[" * 100_000, "{}", "[]", "3", '{"parts": []}', '{"parts": {"order": 1}}']
)
def test_a_state_that_is_none(state: str, tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text(state)
    said = complaint("rebuild-mypage", "--directory", str(tmp_path))
    assert str(tmp_path) in said
    assert "start one with make up" in said
    assert "set ORDER_URL, PAYMENT_URL, DELIVERY_URL, MYPAGE_URL, RABBITMQ_URL." in said


def test_a_stack_without_a_part(tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text('{"parts": {}, "rabbitmq_url": "amqp://127.0.0.1"}')
    said = complaint(
        "trace", "x", "--directory", str(tmp_path), **{name: SOUND[name] for name in VARIABLES[:3]}
    )
    assert said == f"fruitstore: The stack in {tmp_path} runs without some parts: set MYPAGE_URL as well.\n"


@pytest.mark.parametrize(
    "url", ["baz", "http://", "http://a b", "http://a:port", "ftp://a", "http://[", "http://a\x1b"]
)
def test_an_address_that_is_none_is_named_by_its_variable(url: str) -> None:
    said = complaint("rebuild-mypage", **SOUND | {"MYPAGE_URL": url})
    assert said == "fruitstore: MYPAGE_URL is no address: say one like http://HOST:PORT.\n"


@pytest.mark.parametrize("url", ["qux", "http://127.0.0.1:9", "amqp://"])
def test_a_broker_that_is_none_is_named_by_its_variable(url: str) -> None:
    said = complaint("dead-letters", "list", RABBITMQ_URL=url)
    assert said == "fruitstore: RABBITMQ_URL is no address: say one like amqp://HOST:PORT.\n"


def test_a_container_finds_them_among_its_secrets(tmp_path: Path) -> None:
    (tmp_path / "rabbitmq_url").write_text("amqp://order:secret@rabbitmq:5672/\n")
    (tmp_path / "service_secret").write_text("known to all")
    environment = SOUND | {"SECRETS_DIRECTORY": str(tmp_path), "RABBITMQ_URL": ""}
    it = found(tmp_path, environment)
    assert (it.rabbitmq, it.service_secret) == ("amqp://order:secret@rabbitmq:5672/", "known to all")
    assert found(tmp_path, environment | SOUND).rabbitmq == SOUND["RABBITMQ_URL"], "what is said comes first"
