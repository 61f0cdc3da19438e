"""The Kubernetes manifests as tests read them: as they are written, and as Kustomize renders them."""

import base64
import functools
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from compose.topology import ROOT

FOLDER = ROOT / "compose" / "kubernetes"
OVERLAYS = ("local", "production")
PARTS = ("bff", "order", "payment", "delivery", "mypage")
NAME = "app.kubernetes.io/name"
OLDEST_KUSTOMIZE = 5
"""Components and patches with targets as they are used; kubectl has it from 1.27 on."""

Resource = dict[str, Any]


def written(folder: Path) -> list[Resource]:
    """What a kustomization's files say, and those of what it takes in; patched by nobody."""
    told = yaml.safe_load((folder / "kustomization.yaml").read_text())
    resources: list[Resource] = []
    for each in [*told.get("resources", ()), *told.get("components", ())]:
        path = (folder / each).resolve()
        resources += written(path) if path.is_dir() else list(yaml.safe_load_all(path.read_text()))
    return resources


@functools.cache
def kubectl() -> str | None:
    """The kubectl that is here, if what it has of Kustomize is recent enough."""
    if (found := shutil.which("kubectl")) is None:
        return None
    said = _run(found, "version", "--client", "-o", "json").stdout or "{}"
    matched = re.match(r"v(\d+)\.", json.loads(said).get("kustomizeVersion", ""))  # old ones do not say
    return found if matched and int(matched[1]) >= OLDEST_KUSTOMIZE else None


@functools.cache
def rendered(overlay: str) -> tuple[Resource, ...]:
    """What `kubectl apply -k` would send, with throw-away secrets. Skips where there is no kubectl."""
    return _render(f"overlays/{overlay}")


@functools.cache
def rendered_with(component: str) -> tuple[Resource, ...]:
    """The base with a component that no overlay uses."""
    return _render(
        "overlays/made-up", f"resources: [../../base]\ncomponents: [../../components/{component}]\n"
    )


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 # ours


def _render(place: str, made_up: str | None = None) -> tuple[Resource, ...]:
    if (found := kubectl()) is None:
        pytest.skip(
            "manifests are rendered by kubectl 1.27 or newer (`kubectl kustomize`), and there is none"
        )
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "kubernetes"
        shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns(".secrets"))
        if made_up:
            (copy / place).mkdir()
            (copy / place / "kustomization.yaml").write_text(made_up)
        _run("sh", str(ROOT / "compose" / "secrets.sh"), str(copy / "overlays" / "local" / ".secrets"))
        done = _run(found, "kustomize", str(copy / place))
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(resources: Sequence[Resource], *kinds: str) -> dict[str, Resource]:
    """Those of some kinds, by name."""
    return {each["metadata"]["name"]: each for each in resources if each["kind"] in kinds}


def workloads(resources: Sequence[Resource]) -> dict[str, Resource]:
    """Whatever makes pods, by name."""
    return of_kind(resources, "Deployment", "StatefulSet", "Job")


def pod(workload: Resource) -> Resource:
    """The specification of its pods."""
    spec: Resource = workload["spec"]["template"]["spec"]
    return spec


def containers(workload: Resource) -> list[Resource]:
    """All of a pod's containers, the first ones too."""
    return [*pod(workload).get("initContainers", ()), *pod(workload)["containers"]]


def the_container(workload: Resource) -> Resource:
    """The one that a part is."""
    (one,) = pod(workload)["containers"]
    return dict(one)


def settings(resources: Sequence[Resource]) -> dict[str, str]:
    """What the parts are told."""
    (told,) = (each for each in of_kind(resources, "ConfigMap").values() if "PORT" in each["data"])
    return dict(told["data"])


def secret(resources: Sequence[Resource], workload: Resource) -> dict[str, bytes]:
    """The files that a pod finds in /run/secrets."""
    (name,) = (each["secret"]["secretName"] for each in pod(workload)["volumes"] if each["name"] == "secrets")
    data = of_kind(resources, "Secret")[name]["data"]
    return {key: base64.b64decode(value) for key, value in data.items()}
