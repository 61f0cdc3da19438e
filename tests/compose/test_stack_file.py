"""What is deployed to a swarm is what runs on one machine: the two files tell the parts the same."""

from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parents[2] / "compose"
COMPOSE: Any = yaml.safe_load((HERE / "compose.yaml").read_text())
SWARM: Any = yaml.safe_load((HERE / "stack.yaml").read_text())

ALIKE = (
    "image",
    "command",
    "entrypoint",
    "user",
    "environment",
    "secrets",
    "cap_add",
    "cap_drop",
    "read_only",
    "logging",
    "stop_grace_period",
)
ONE_MACHINE_ONLY = {"watch"}
"""Networks of profiles that Swarm has no word for."""

STACK = "${FRUITSTORE_PROJECT:-fruitstore}"
SERVICES = sorted(name for name, service in COMPOSE["services"].items() if "profiles" not in service)
SERVERS, PARTS = {"edge", "mongo", "rabbitmq"}, {"bff", "order", "payment", "delivery", "mypage"}


def test_every_service_is_in_both() -> None:
    assert set(SWARM["services"]) - {"edge_home"} == set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_told_the_same_and_may_do_the_same(name: str) -> None:
    one, many = COMPOSE["services"][name], SWARM["services"][name]
    assert {key: many.get(key) for key in ALIKE} == {key: one.get(key) for key in ALIKE}
    assert set(many["networks"]) == set(one["networks"]) - ONE_MACHINE_ONLY
    assert many["deploy"]["resources"]["limits"] == one["deploy"]["resources"]["limits"]
    assert "security_opt" not in many, "Swarm would ignore it"


def test_secrets_are_the_same_files_and_their_names_have_a_version() -> None:
    for name, secret in SWARM["secrets"].items():
        assert secret["file"] == COMPOSE["secrets"][name]["file"]
        assert (
            secret["name"] == f"${{FRUITSTORE_PROJECT:-fruitstore}}_{name}_${{FRUITSTORE_SECRETS_VERSION:-1}}"
        )
    for name, config in SWARM["configs"].items():
        assert (
            config["name"] == f"${{FRUITSTORE_PROJECT:-fruitstore}}_{name}_${{FRUITSTORE_CONFIGS_VERSION:-1}}"
        )
        assert (HERE / config["file"]).is_file()


@pytest.mark.parametrize("name", sorted(SERVERS | PARTS))
def test_every_name_has_all_addresses_and_what_is_updated_badly_is_taken_back(name: str) -> None:
    deploy = SWARM["services"][name]["deploy"]
    assert deploy["endpoint_mode"] == "dnsrr"
    assert deploy["update_config"]["failure_action"] == "rollback"
    assert deploy["update_config"]["order"] == ("start-first" if name in PARTS else "stop-first")


def test_only_the_edge_publishes_ports_and_those_of_its_node() -> None:
    for name, service in SWARM["services"].items():
        assert {port["mode"] for port in service.get("ports", [])} == ({"host"} if name == "edge" else set())
    assert SWARM["networks"]["back"]["internal"] is True
