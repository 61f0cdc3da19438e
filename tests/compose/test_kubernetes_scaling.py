"""How the parts become more and fewer on Kubernetes, and what that goes by."""

import re
from typing import Any

import pytest
import yaml

from bff.settings import BffSettings
from compose import metrics
from schema.channels import HEARS, queue_name
from services.chassis.settings import ProcessSettings
from tests.compose.manifests import FOLDER, NAME, OVERLAYS, PARTS, of_kind, pod, rendered

ROLLED_OUT_BY_ADDING = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)
every_part = pytest.mark.parametrize("part", PARTS)


@every_overlay
@every_part
def test_every_part_is_replaced_by_adding_first_and_spread_over_nodes_and_zones(
    overlay: str, part: str
) -> None:
    deployment = of_kind(rendered(overlay), "Deployment")[part]
    assert deployment["spec"]["strategy"] == ROLLED_OUT_BY_ADDING
    assert deployment["spec"]["minReadySeconds"] > 0
    spread = pod(deployment)["topologySpreadConstraints"]
    assert [each["topologyKey"] for each in spread] == [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    ]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    for each in spread:
        assert each["labelSelector"]["matchLabels"].items() <= labels.items()
        assert each["matchLabelKeys"] == [NAME, "pod-template-hash"]


@every_overlay
@every_part
def test_the_autoscaler_alone_says_how_many_there_are(overlay: str, part: str) -> None:
    resources = rendered(overlay)
    assert "replicas" not in of_kind(resources, "Deployment")[part]["spec"]
    scaler = of_kind(resources, "HorizontalPodAutoscaler")[part]["spec"]
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": part}
    assert scaler["minReplicas"] == (1 if part == "delivery" else 2)
    assert scaler["maxReplicas"] == {"local": 3, "production": 10}[overlay]
    half = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}
    assert scaler["metrics"][0] == {"type": "Resource", "resource": half}
    assert scaler["behavior"]["scaleDown"]["stabilizationWindowSeconds"] >= 300


@every_overlay
@every_part
def test_of_every_part_one_at_a_time_may_be_sent_away(overlay: str, part: str) -> None:
    budget = of_kind(rendered(overlay), "PodDisruptionBudget")[part]["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"] == {"matchLabels": {NAME: part}}


def adapted() -> dict[str, list[dict[str, Any]]]:
    """The rules that the metrics adapter is given."""
    values = yaml.safe_load((FOLDER / "components" / "adapter" / "values.yaml").read_text())
    rules = dict(values["rules"])
    assert rules.pop("default") is False
    return rules


def goal(part: str, kind: str) -> dict[str, tuple[dict[str, Any], float]]:
    """What a part is scaled by besides CPU, by name: the metric, and how much of it a replica is to have."""
    found = of_kind(rendered("production"), "HorizontalPodAutoscaler")[part]["spec"]["metrics"]
    asked = [each[kind.lower()] for each in found if each["type"] == kind]
    assert all(each["target"]["type"] == "AverageValue" for each in asked)
    return {each["metric"]["name"]: (each["metric"], float(each["target"]["averageValue"])) for each in asked}


def test_what_the_adapter_reads_is_shown_by_the_gateway_and_the_broker() -> None:
    rules = adapted()
    shown = {re.sub(r"_sum$", "", each["seriesQuery"].split("{")[0]) for each in rules["custom"]}
    assert all(f"| `{series}` |" in metrics.markdown() for series in shown)
    (queues,) = rules["external"]
    assert queues["seriesQuery"].startswith("rabbitmq_detailed_queue_messages_ready{")
    monitor = of_kind(rendered("production"), "ServiceMonitor")["rabbitmq"]["spec"]["endpoints"]
    assert any("queue_coarse_metrics" in each.get("params", {}).get("family", ()) for each in monitor)


def test_the_gateway_grows_before_its_bulkhead_or_its_room_is_full() -> None:
    bff = goal("bff", "Pods")
    assert bff.keys() == {rule["name"]["as"] for rule in adapted()["custom"]}
    assert bff["graphql_operations_in_flight"][1] == default("bff_payment_at_once") / 4
    assert bff["connections_open"][1] == default("bff_connections_at_most") / 2


@pytest.mark.parametrize("part", sorted(HEARS))
def test_a_service_grows_when_its_own_queue_does(part: str) -> None:
    ((name, (metric, waiting)),) = goal(part, "External").items()
    assert [name] == [rule["name"]["as"] for rule in adapted()["external"]]
    assert metric["selector"] == {"matchLabels": {"queue": queue_name(part)}}
    assert waiting == 4 * ProcessSettings.model_fields["prefetch"].default


def test_monitors_select_services_that_have_such_a_port() -> None:
    resources = rendered("production")
    selector = of_kind(resources, "ServiceMonitor")["parts"]["spec"]["selector"]["matchExpressions"]
    (among,) = selector
    services = of_kind(resources, "Service").values()
    chosen = {
        each["metadata"]["name"]: {port["name"] for port in each["spec"]["ports"]}
        for each in services
        if each["metadata"]["labels"][among["key"]] in among["values"]
    }
    assert chosen == {part: {"http"} for part in PARTS}


def default(name: str) -> float:
    """What the gateway takes where nobody says otherwise."""
    return float(BffSettings.model_fields[name].default)
