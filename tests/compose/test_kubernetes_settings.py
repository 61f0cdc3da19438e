"""What the parts are told on Kubernetes, in the open and as secrets."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from compose.preparing.told import PrepareSettings
from compose.settings import OWN
from compose.topology import ROOT
from services.chassis.settings import SECRETS_DIRECTORY
from tests.compose.manifests import (
    FOLDER,
    OVERLAYS,
    PARTS,
    Resource,
    of_kind,
    pod,
    rendered,
    secret,
    settings,
    the_container,
    workloads,
)

Resources = Sequence[Resource]

every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)
every_part = pytest.mark.parametrize("part", PARTS)


@pytest.fixture
def pods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Resource, Resources], None]:
    """Makes our surroundings those of a workload's pod: what it is told, and its secrets as files."""

    def be(workload: Resource, resources: Resources) -> None:
        told = {each["name"]: each["value"] for each in the_container(workload).get("env", ())}
        for name, value in (settings(resources) | told).items():
            monkeypatch.setenv(name, value)
        for name, content in secret(resources, workload).items():
            (tmp_path / name).write_bytes(content)
        monkeypatch.setenv(SECRETS_DIRECTORY, str(tmp_path))

    return be


@every_part
def test_a_part_understands_what_it_is_told_and_finds_its_secrets(
    part: str, pods: Callable[[Resource, Resources], None]
) -> None:
    resources = rendered("local")
    pods(of_kind(resources, "Deployment")[part], resources)
    told = OWN[part]()
    assert (told.host, told.port) == ("0.0.0.0", 8000)  # noqa: S104 # in a pod of its own
    assert told.mongo_url.startswith(f"mongodb://{part}:")
    assert told.rabbitmq_url.startswith(f"amqp://{part}:")


@every_part
def test_a_part_gets_its_own_secrets_alone_and_all_of_them_are_settings(part: str) -> None:
    resources = rendered("local")
    names = secret(resources, of_kind(resources, "Deployment")[part]).keys()
    own = {"mongo_url", "rabbitmq_url", "service_secret"}
    assert names == own | ({"auth_jwt_secret"} if part == "bff" else set())
    assert names <= OWN[part].model_fields.keys()


def test_the_setup_job_is_told_how_to_come_in_and_whom_to_make(
    pods: Callable[[Resource, Resources], None],
) -> None:
    resources = rendered("local")
    job = of_kind(resources, "Job")["setup"]
    pods(job, resources)
    assert PrepareSettings().mongo_admin_url == "mongodb://mongo:27017/?directConnection=true"
    known = PrepareSettings.model_fields.keys()
    assert {each["name"].lower() for each in the_container(job)["env"]} <= known
    assert secret(resources, job).keys() <= known | OWN["bff"].model_fields.keys()


@every_overlay
def test_all_that_is_told_is_a_setting_of_some_part_and_makes_sense(
    overlay: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = settings(rendered(overlay))
    assert told.keys() <= {name.upper() for kind in OWN.values() for name in kind.model_fields}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    for name in ("SERVICE_SECRET", "AUTH_JWT_SECRET"):
        monkeypatch.setenv(name, "s" * 32)
    if "AUTH_JWKS_URL" in told:
        monkeypatch.delenv("AUTH_JWT_SECRET")
    for kind in OWN.values():
        kind()


def test_no_secret_is_in_the_repository() -> None:
    assert not of_kind(rendered("production"), "Secret")
    for path in FOLDER.rglob("*.yaml"):
        assert not re.search(r"^kind: Secret$|^(stringD|d)ata:", path.read_text(), re.MULTILINE), path
    assert ".secrets/" in (FOLDER / ".gitignore").read_text()


def test_what_is_mounted_is_there() -> None:
    resources = rendered("local")
    there = {*of_kind(resources, "Secret"), *of_kind(resources, "ConfigMap")}
    for each in workloads(resources).values():
        volumes = pod(each)["volumes"]
        assert {volume["secret"]["secretName"] for volume in volumes if "secret" in volume} <= there
        assert {volume["configMap"]["name"] for volume in volumes if "configMap" in volume} <= there
        told = pod(each)["containers"][0].get("envFrom", ())
        assert {source["configMapRef"]["name"] for source in told} <= there


@every_part
def test_a_part_is_started_and_told_as_it_is_on_one_machine(part: str) -> None:
    there = yaml.safe_load((ROOT / "compose" / "compose.yaml").read_text())["services"][part]
    resources = rendered("local")
    here = settings(resources)
    assert the_container(of_kind(resources, "Deployment")[part])["command"] == there["command"]
    said = {name: str(value) for name, value in there["environment"].items() if "${" not in str(value)}
    del said["TRUSTED_PROXIES"]  # are others there
    assert said.items() <= here.items()


def test_the_secrets_to_bring_in_production_are_listed() -> None:
    resources = rendered("production")
    volumes = [volume for each in workloads(resources).values() for volume in pod(each)["volumes"]]
    wanted = {volume["secret"]["secretName"] for volume in volumes if "secret" in volume}
    (user,) = of_kind(resources, "MongoDBCommunity")["fruitstore"]["spec"]["users"]
    broker = of_kind(resources, "RabbitmqCluster")["rabbitmq"]["spec"]
    wanted |= {user["passwordSecretRef"]["name"], broker["secretBackend"]["externalSecret"]["name"]}
    _, table = (FOLDER / "README.md").read_text().split("| Secret | keys |")
    rows = [row.split("|")[1] for row in table.split("\n\n")[0].splitlines() if row.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`([\w-]+)`", row)} == wanted
