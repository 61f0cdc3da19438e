import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bff.settings import BffSettings
from services.chassis.serve import settings_or_exit
from tests.bff.asking import SECRET


@pytest.fixture(autouse=True)
def _no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTH_JWT_SECRET", raising=False)


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    """What is said by a process that cannot start."""
    with pytest.raises(SystemExit) as ended:
        settings_or_exit(BffSettings)
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_a_process_without_a_secret_says_so_in_a_line_and_ends() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bff.app"], env={}, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == [
        "setting SERVICE_SECRET: Field required",
        "setting AUTH_JWT_SECRET: Value error, set this, or AUTH_JWKS_URL",
    ]


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_a_secret_that_is_too_short_is_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], secret: str
) -> None:
    monkeypatch.setenv("AUTH_JWT_SECRET", secret)
    said = complaint(capsys)
    assert (said.count("\n"), "32" in said) == (1, True)
    assert said.startswith("setting AUTH_JWT_SECRET: ")


@pytest.mark.parametrize(
    "kind", [serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.OpenSSH]
)
def test_a_key_that_is_published_is_no_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: serialization.PublicFormat
) -> None:
    for key in (Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())):
        ssh = kind is serialization.PublicFormat.OpenSSH
        encoding = serialization.Encoding.OpenSSH if ssh else serialization.Encoding.PEM
        public = key.public_key().public_bytes(encoding, kind).decode()
        monkeypatch.setenv("AUTH_JWT_SECRET", f"  {public}")
        said = complaint(capsys)
        assert (said.count("\n"), "AUTH_JWKS_URL" in said) == (1, True)


def test_what_is_refused_is_not_repeated_where_it_is_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTH_JWT_SECRET", "nearly long enough for us")
    assert "nearly" not in complaint(capsys)


def test_what_is_missing_does_not_tell_what_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MONGO_URL", "mongodb://root:hunter2@127.0.0.1/")
    assert "hunter2" not in complaint(capsys)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BFF_PAYMENT_DEADLINE_MS", "0"),
        ("BFF_PAYMENT_AT_ONCE", "0"),
        ("BFF_BREAKER_FAILURE_RATE", "50"),
        ("BFF_BREAKER_MINIMUM_VOLUME", "0"),
        ("BFF_SUBSCRIPTIONS_PER_CONNECTION", "0"),
        ("BFF_ALLOWED_ORIGINS", '"https://shop.example"'),
        ("BFF_ALLOWED_ORIGINS", '["*"]'),
        ("BFF_ALLOWED_ORIGINS", '["shop.example"]'),
        ("BFF_ALLOWED_ORIGINS", '["https://shop.example/"]'),
        ("BFF_TRUSTED_DOCUMENTS_MODE", "only"),
        ("BFF_TRUSTED_DOCUMENTS_MODE", "log"),
        ("ORDER_URL", "order:8001"),
        ("ORDER_URL", "http://"),
        ("PAYMENT_URL", "http:///orders"),
        ("OTLP_ENDPOINT", "https://"),
        ("MONGO_URL", "mongodb://"),
        ("MONGO_URL", "mongodb://127.0.0.1:port"),
        ("MONGO_URL", "mongodb://user:pass:word@127.0.0.1"),
        ("TRUSTED_PROXIES", '["proxy.example"]'),
        ("TRUSTED_PROXIES", '["*"]'),
        ("PORT", "http"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv("AUTH_JWT_SECRET", SECRET)
    monkeypatch.setenv(name, value)
    said = complaint(capsys)
    assert (said.count("\n"), said.partition(":")[0]) == (1, f"setting {name}")


def test_all_that_is_wrong_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "http")
    monkeypatch.setenv("BFF_PAYMENT_AT_ONCE", "0")
    said = [line.partition(":")[0] for line in complaint(capsys).splitlines()]
    assert set(said) == {f"setting {name}" for name in ("PORT", "BFF_PAYMENT_AT_ONCE", "AUTH_JWT_SECRET")}


JWKS = "https://issuer.example/keys"


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"AUTH_JWKS_URL": "ftp://issuer.example"}, "AUTH_JWKS_URL"),
        ({"AUTH_JWKS_URL": "https://"}, "AUTH_JWKS_URL"),
        ({"AUTH_JWKS_URL": JWKS, "AUTH_JWT_SECRET": "short"}, "AUTH_JWT_SECRET"),
        ({"AUTH_JWKS_URL": JWKS, "BFF_DEV_LOGIN": "true"}, "BFF_DEV_LOGIN"),
        ({"AUTH_JWKS_URL": JWKS, "AUTH_ALGORITHMS": '["none"]'}, "AUTH_ALGORITHMS"),
        ({"AUTH_JWKS_URL": JWKS, "AUTH_ALGORITHMS": '["HS256"]'}, "AUTH_ALGORITHMS"),
        ({"AUTH_JWT_SECRET": SECRET, "AUTH_ALGORITHMS": '["RS256"]'}, "AUTH_ALGORITHMS"),
        (
            {"AUTH_JWT_SECRET": SECRET, "AUTH_ALGORITHMS": '["HS512"]', "BFF_DEV_LOGIN": "1"},
            "BFF_DEV_LOGIN",
        ),
        ({"AUTH_JWT_SECRET": SECRET, "AUTH_LEEWAY_SECONDS": "3600"}, "AUTH_LEEWAY_SECONDS"),
        ({"AUTH_JWT_SECRET": SECRET, "AUTH_ISSUER": ""}, "AUTH_ISSUER"),
        ({"AUTH_JWT_SECRET": SECRET, "AUTH_AUDIENCE": ""}, "AUTH_AUDIENCE"),
        ({"AUTH_JWT_SECRET": SECRET, "SERVICE_SECRET": "short"}, "SERVICE_SECRET"),
        ({"AUTH_JWT_SECRET": SECRET, "SERVICE_SECRET_PREVIOUS": "short"}, "SERVICE_SECRET_PREVIOUS"),
    ],
    ids=str,
)
def test_identities_that_make_no_sense_are_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: dict[str, str], wrong: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    said = complaint(capsys)
    assert (said.count("\n"), said.partition(":")[0]) == (1, f"setting {wrong}")


@pytest.mark.parametrize(
    ("given", "some", "others"),
    [
        ({"AUTH_JWT_SECRET": SECRET}, {"HS256"}, {"HS512", "RS256", "none"}),
        ({"AUTH_JWKS_URL": JWKS}, {"RS256", "ES256", "EdDSA"}, {"HS256", "none"}),
        ({"AUTH_JWKS_URL": JWKS, "AUTH_JWT_SECRET": SECRET}, {"RS256", "HS256"}, {"HS384", "none"}),
        ({"AUTH_JWKS_URL": JWKS, "AUTH_ALGORITHMS": '["ES256"]'}, {"ES256"}, {"RS256", "HS256"}),
    ],
    ids=str,
)
def test_algorithms_are_those_of_the_keys_there_are(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], some: set[str], others: set[str]
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    algorithms = settings_or_exit(BffSettings).algorithms
    assert some <= algorithms
    assert algorithms.isdisjoint(others)


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_JWT_SECRET", SECRET)
    assert SECRET not in repr(settings_or_exit(BffSettings))
