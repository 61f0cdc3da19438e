"""What the parts are told on Kubernetes, in the open and as secrets."""

import re
from pathlib import Path

import pytest
import yaml

from compose.settings import OWN
from compose.topology import ROOT
from tests.compose.manifests import (
    FOLDER,
    OVERLAYS,
    PARTS,
    Resource,
    of_kind,
    pod,
    rendered,
    settings,
    the_container,
    workloads,
)

every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)
every_part = pytest.mark.parametrize("part", PARTS)


@every_overlay
@every_part
def test_what_a_part_is_told_it_understands(
    overlay: str, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in settings(rendered(overlay)).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SERVICE_SECRET", "s" * 32)
    if part == "bff" and overlay == "local":
        monkeypatch.setenv("AUTH_JWT_SECRET", "s" * 32)
    told = OWN[part]()
    assert (told.host, told.port) == ("0.0.0.0", 8000)  # noqa: S104 # in a pod of its own


@every_overlay
def test_all_that_is_told_is_a_setting_of_some_part(overlay: str) -> None:
    known = {name.upper() for kind in OWN.values() for name in kind.model_fields}
    assert settings(rendered(overlay)).keys() <= known


@every_part
def test_a_part_gets_its_own_secrets_alone_and_all_of_them_are_settings(part: str) -> None:
    resources = rendered("local")
    (name,) = _mounted(of_kind(resources, "Deployment")[part])
    secret = {key: _read(value) for key, value in of_kind(resources, "Secret")[name]["data"].items()}
    own = {
        "mongo_url": f"{part}_mongo_url",
        "rabbitmq_url": f"{part}_rabbitmq_url",
        "service_secret": "service_secret",
    }
    assert secret == own | ({"auth_jwt_secret": "auth_jwt_secret"} if part == "bff" else {})
    assert secret.keys() <= OWN[part].model_fields.keys()


def test_no_secret_is_in_the_repository() -> None:
    assert not of_kind(rendered("production"), "Secret")
    for path in FOLDER.rglob("*.yaml"):
        assert not re.search(r"^kind: Secret$|^(stringD|d)ata:", path.read_text(), re.MULTILINE), path
    assert ".secrets/" in (FOLDER / ".gitignore").read_text()


def test_what_is_mounted_is_there() -> None:
    resources = rendered("local")
    there = {*of_kind(resources, "Secret"), *of_kind(resources, "ConfigMap")}
    for each in workloads(resources).values():
        assert _mounted(each) <= there
        told = {source["configMapRef"]["name"] for source in pod(each)["containers"][0].get("envFrom", ())}
        assert told <= there


def test_what_is_told_here_agrees_with_the_containers_on_one_machine() -> None:
    composed = yaml.safe_load((ROOT / "compose" / "compose.yaml").read_text())
    resources = rendered("local")
    for part in PARTS:
        there = composed["services"][part]
        here = the_container(of_kind(resources, "Deployment")[part])
        assert here["command"] == there["command"]
        said = {name: str(value) for name, value in there["environment"].items() if "${" not in str(value)}
        assert said.keys() - {"TRUSTED_PROXIES"} <= settings(resources).keys()
        assert {name: settings(resources).get(name, value) for name, value in said.items()} == said


def _mounted(workload: Resource) -> set[str]:
    volumes = pod(workload)["volumes"]
    secrets = {each["secret"]["secretName"] for each in volumes if "secret" in each}
    return secrets | {each["configMap"]["name"] for each in volumes if "configMap" in each}


def _read(value: str) -> str:
    return yaml.safe_load(f"!!binary {value}").decode()  # type: ignore[no-any-return]
