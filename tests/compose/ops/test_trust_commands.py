"""What opens the services to whoever operates them."""

import json
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from typer.testing import CliRunner

from compose.cli import app
from compose.directory import claimed
from compose.ops import addresses
from compose.trouble import Trouble
from services.chassis.settings import ProcessSettings
from services.chassis.trust import Trust
from tests.trust import SERVICE_SECRET


def printed(*arguments: str, **environment: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["service-token", *arguments], env=environment)
    assert result.output.count("\n") == 1
    return result.exit_code, result.output.rstrip("\n")


def opens(token: str, service: str, secret: str) -> bool:
    settings = ProcessSettings.model_validate({"service_secret": secret})
    return Trust(service, settings, CollectorRegistry()).accepts(f"Bearer {token}")


def test_a_token_is_printed_that_opens_one_part() -> None:
    status, token = printed("payment")
    assert status == 0
    assert opens(token, "payment", SERVICE_SECRET)
    assert not opens(token, "order", SERVICE_SECRET)


def test_the_secret_is_that_of_the_stack_unless_the_environment_names_one(tmp_path: Path) -> None:
    with claimed(tmp_path) as directory:
        secret = directory.secrets().service
    _, token = printed("order", "--directory", str(tmp_path), SERVICE_SECRET="")
    assert opens(token, "order", secret)
    _, token = printed("order", "--directory", str(tmp_path), SERVICE_SECRET=SERVICE_SECRET)
    assert opens(token, "order", SERVICE_SECRET)


def test_who_has_no_secret_is_told_where_it_comes_from(tmp_path: Path) -> None:
    status, said = printed("order", "--directory", str(tmp_path), SERVICE_SECRET="")
    assert status == 1
    assert f"There is no service-secret in {tmp_path}" in said
    assert "SERVICE_SECRET" in said


def test_there_is_no_token_for_a_part_that_is_none() -> None:
    status, said = printed("kitchen")
    assert (status, said.startswith("fruitstore: There is no part kitchen")) == (1, True)


def test_the_gateway_is_that_of_the_stack_unless_the_environment_names_one(tmp_path: Path) -> None:
    state = {"rabbitmq_url": "amqp://127.0.0.1", "parts": {"bff": {"url": "http://127.0.0.1:1"}}}
    (tmp_path / "stack.json").write_text(json.dumps(state))
    assert addresses.gateway(tmp_path, {}) == "http://127.0.0.1:1"
    assert addresses.gateway(tmp_path, {"BFF_URL": "http://127.0.0.1:2"}) == "http://127.0.0.1:2"
    (tmp_path / "stack.json").write_text(json.dumps({**state, "parts": {}}))
    with pytest.raises(Trouble, match="runs without some parts: set BFF_URL as well"):
        addresses.gateway(tmp_path, {})


def test_a_secret_is_not_shown(tmp_path: Path) -> None:
    with claimed(tmp_path) as directory:
        secrets = directory.secrets()
        assert secrets.jwt not in repr(secrets)
        assert secrets.service not in repr(secrets)
