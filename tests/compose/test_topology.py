import re
import tomllib
from pathlib import Path

import pytest

from compose.directory import Secrets
from compose.topology import DEFAULTS, ROOT, Ports, Topology

PORTS = Ports.counting_from(8000)
LOCKS = ["requirements.txt", "requirements-dev.txt"]


def told(tmp_path: Path, **environment: str) -> dict[str, dict[str, str]]:
    """What each program is told."""
    topology = Topology(tmp_path, PORTS, environment)
    return {
        program.name: dict(program.environment) for program in topology.programs(Secrets("secret", "service"))
    }


def test_the_ports_are_nine_in_a_row() -> None:
    ports = Ports.counting_from(9000)
    assert (ports.bff, ports.order, ports.payment, ports.delivery, ports.mypage) == (
        9000,
        9001,
        9002,
        9003,
        9004,
    )
    assert (ports.mongod, ports.rabbitmq, ports.distribution, ports.epmd) == (9005, 9006, 9007, 9008)
    assert Ports.counting_from(9000, mongod=1, rabbitmq=2).rabbitmq == 2


def test_every_part_is_told_where_everything_is(tmp_path: Path) -> None:
    order = told(tmp_path)["order"]
    assert (order["HOST"], order["PORT"]) == ("127.0.0.1", "8001")
    assert order["MONGO_URL"] == "mongodb://127.0.0.1:8005/?replicaSet=fruitstore"
    assert order["RABBITMQ_URL"] == "amqp://guest:guest@127.0.0.1:8006/"
    assert order["PAYMENT_URL"] == "http://127.0.0.1:8002"
    assert (order["AUTH_JWT_SECRET"], order["SERVICE_SECRET"]) == ("secret", "service")
    assert DEFAULTS.items() <= order.items()


def test_what_the_user_says_goes_before_our_defaults_but_addresses_are_ours(tmp_path: Path) -> None:
    payment = told(
        tmp_path,
        PAYMENT_LATENCY_MS="700",
        PAYMENT_SANDBOX="false",
        AUTH_JWT_SECRET="mine",
        PORT="1",
        ORDER_URL="x",
    )["payment"]
    assert (payment["PAYMENT_LATENCY_MS"], payment["PAYMENT_SANDBOX"]) == ("700", "false")
    assert payment["AUTH_JWT_SECRET"] == "mine"
    assert (payment["PORT"], payment["ORDER_URL"]) == ("8002", "http://127.0.0.1:8001")


def test_servers_of_the_users_are_used_and_ours_are_not_started(tmp_path: Path) -> None:
    programs = told(tmp_path, MONGO_URL="mongodb://elsewhere/", RABBITMQ_URL="amqp://elsewhere/")
    assert list(programs) == ["order", "payment", "delivery", "mypage", "bff"]
    assert programs["bff"]["MONGO_URL"] == "mongodb://elsewhere/"
    assert programs["bff"]["RABBITMQ_URL"] == "amqp://elsewhere/"


def test_a_part_can_be_left_out(tmp_path: Path) -> None:
    topology = Topology(tmp_path, PORTS, {}, without=frozenset({"bff"}))
    assert "bff" not in [program.name for program in topology.programs(Secrets("", ""))]
    assert "bff" not in topology.wanted_ports()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_that_packages_come_from(lock: str) -> None:
    text = (ROOT / "compose" / lock).read_text()
    assert not re.search(r"://|index-url|find-links|@ |^-", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_everything_the_project_asks_for_with_its_hash(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = project["dependencies"] + (project["optional-dependencies"]["dev"] if "dev" in lock else [])
    packages = re.split(r"\n(?=\S)", (ROOT / "compose" / lock).read_text())
    locked = {package.split("==")[0] for package in packages}
    assert {re.match(r"[\w-]+", name)[0].lower() for name in asked} <= locked  # type: ignore[index]
    assert all("--hash=sha256:" in package for package in packages)


def test_all_are_asked_whether_they_are_alive_but_who_only_maps_ports(tmp_path: Path) -> None:
    programs = Topology(tmp_path, PORTS, {}).programs(Secrets("secret", "service"))
    assert {program.name for program in programs if not program.alive} == {"epmd"}
