"""The ways in, and what must outlive a pod."""

import pytest

from compose.topology import ROOT
from tests.compose.manifests import (
    OVERLAYS,
    Resource,
    containers,
    of_kind,
    pod,
    rendered,
    rendered_with,
    the_container,
)

INNER = {"/metrics", "/readyz", "/healthz"}
A_LONG_TIME = 3600


def leads(ingress: Resource) -> dict[str, str]:
    """Which path leads to whom."""
    (rule,) = ingress["spec"]["rules"]
    return {each["path"]: each["backend"]["service"]["name"] for each in rule["http"]["paths"]}


def test_all_leads_to_the_gateway_but_what_is_for_operators() -> None:
    ingress = of_kind(rendered("local"), "Ingress")["edge"]
    assert leads(ingress) == {"/": "bff"} | dict.fromkeys(INNER, "nobody")


def test_the_gateway_api_leads_to_the_same_and_lets_subscriptions_last() -> None:
    resources = rendered("production")
    assert not of_kind(resources, "Ingress")
    outer, inner = of_kind(resources, "HTTPRoute")["edge"]["spec"]["rules"]
    assert [each["name"] for each in outer["backendRefs"]] == ["bff"]
    assert outer["timeouts"] == {"request": "0s"}
    assert {each["path"]["value"] for each in inner["matches"]} == INNER
    assert [each["name"] for each in inner["backendRefs"]] == ["nobody"]


def test_what_comes_in_clear_is_sent_to_https_and_that_has_a_certificate() -> None:
    resources = rendered("production")
    http, https = of_kind(resources, "Gateway")["fruitstore"]["spec"]["listeners"]
    routes = of_kind(resources, "HTTPRoute")
    assert routes["to-https"]["spec"]["parentRefs"][0]["sectionName"] == http["name"]
    assert routes["edge"]["spec"]["parentRefs"][0]["sectionName"] == https["name"]
    assert https["tls"]["certificateRefs"] == [{"name": "edge-tls"}]
    hosts = {http["hostname"], https["hostname"]}
    assert all(set(each["spec"]["hostnames"]) == hosts for each in routes.values())


def test_an_nginx_controller_keeps_nothing_back_and_cuts_nothing_short() -> None:
    ingress = of_kind(rendered_with("nginx"), "Ingress")["edge"]
    assert leads(ingress)["/"] == "bff"
    said = {
        name.split("/")[1]: value
        for name, value in ingress["metadata"]["annotations"].items()
        if name.startswith("nginx.")
    }
    assert said["proxy-buffering"] == "off"
    assert min(int(said["proxy-read-timeout"]), int(said["proxy-send-timeout"])) >= A_LONG_TIME
    assert "non_idempotent" not in said["proxy-next-upstream"]


@pytest.mark.parametrize(
    ("server", "path"), [("mongo", "/data/db"), ("rabbitmq", "/var/lib/rabbitmq/mnesia")]
)
def test_what_a_server_keeps_outlives_its_pod(server: str, path: str) -> None:
    stateful = of_kind(rendered("local"), "StatefulSet")[server]
    (claim,) = stateful["spec"]["volumeClaimTemplates"]
    mounts = {each["mountPath"]: each["name"] for each in the_container(stateful)["volumeMounts"]}
    assert mounts[path] == claim["metadata"]["name"]
    assert pod(stateful)["terminationGracePeriodSeconds"] >= 60


def test_servers_are_the_ones_that_containers_have_on_one_machine() -> None:
    composed = (ROOT / "compose" / "compose.yaml").read_text()
    for stateful in of_kind(rendered("local"), "StatefulSet").values():
        assert all(f"image: {each['image']}\n" in composed for each in containers(stateful))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_all_of_ours_is_one_image_of_one_version(overlay: str) -> None:
    ours = of_kind(rendered(overlay), "Deployment", "Job").values()
    (image,) = {container["image"] for each in ours for container in containers(each)}
    assert image.startswith("fruitstore:")


def test_in_production_each_server_has_three_nodes_on_machines_of_their_own() -> None:
    resources = rendered("production")
    mongo = of_kind(resources, "MongoDBCommunity")["fruitstore"]["spec"]
    rabbitmq = of_kind(resources, "RabbitmqCluster")["rabbitmq"]["spec"]
    assert (mongo["members"], rabbitmq["replicas"]) == (3, 3)
    for affinity in (mongo["statefulSet"]["spec"]["template"]["spec"]["affinity"], rabbitmq["affinity"]):
        (apart,) = affinity["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert apart["topologyKey"] == "kubernetes.io/hostname"
    assert mongo["security"]["authentication"]["ignoreUnknownUsers"]
