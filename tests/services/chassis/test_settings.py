import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.chassis.settings import ProcessSettings
from services.delivery.settings import DeliverySettings
from services.mypage.settings import MypageSettings
from services.order.settings import OrderSettings
from services.payment.settings import PaymentSettings

KINDS = [ProcessSettings, OrderSettings, PaymentSettings, DeliverySettings, MypageSettings]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_setting_says_what_it_is(kind: type[ProcessSettings]) -> None:
    assert [name for name, field in kind.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_nobody_set_is_as_it_should_be(kind: type[ProcessSettings]) -> None:
    assert kind().mongo_timeout_seconds > 0


def test_a_setting_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYMENT_SANDBOX", "true")
    monkeypatch.setenv("PAYMENT_SANDBOX_CAPACITY", "7")
    settings = PaymentSettings()
    assert settings.payment_sandbox
    assert settings.levers().capacity == 7


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("order", {"PORT": "many"}),
        ("order", {"MONGO_URL": "localhost"}),
        ("order", {"RABBITMQ_URL": "http://localhost"}),
        ("order", {"PAYMENT_URL": "payment:8002"}),
        ("payment", {"PAYMENT_SANDBOX_LATENCY_MS_MIN": "20", "PAYMENT_SANDBOX_LATENCY_MS_MAX": "10"}),
        ("payment", {"PAYMENT_SANDBOX_CAPACITY": "0"}),
        ("delivery", {"LOG_FORMAT": "pretty"}),
    ],
    ids=str,
)
def test_a_wrong_value_is_one_line_and_a_failure(part: str, wrong: dict[str, str]) -> None:
    ended = subprocess.run(  # noqa: S603 # our own program
        [sys.executable, "-m", f"services.{part}.app"],
        env=os.environ | wrong,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert list(wrong)[-1] in ended.stderr


def test_a_secret_is_read_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mongo_url").write_text("mongodb://order:secret@mongo:27017/\n")
    (tmp_path / "rabbitmq_url").write_text("amqp://from-a-file/")
    monkeypatch.setenv("SECRETS_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("RABBITMQ_URL", "amqp://from-the-environment/")
    settings = OrderSettings()
    assert settings.mongo_url == "mongodb://order:secret@mongo:27017/"
    assert settings.rabbitmq_url == "amqp://from-the-environment/"


def test_a_secret_that_cannot_be_read_is_one_line_and_a_failure(tmp_path: Path) -> None:
    (tmp_path / "mongo_url").write_bytes(b"\xff\xfe")
    told = os.environ | {"SECRETS_DIRECTORY": str(tmp_path)}
    ended = subprocess.run(  # our own program
        [sys.executable, "-m", "services.order.app"],
        env=told,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 2
    assert "mongo_url" in ended.stderr
    assert "decode" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
