"""Every resource is what Kubernetes, or the operator it is for, takes."""

from typing import Any

import kubernetes_validate
import pytest

from tests.compose.manifests import FOLDER, OVERLAYS, Resource, rendered, rendered_with, written

VERSIONS = ("1.30", "1.37")
"""The oldest that has all that is used (preStop sleeps), and the newest whose schemas there are."""

OTHERS = {
    "gateway.networking.k8s.io/v1 Gateway": ({"gatewayClassName", "listeners"}, {"addresses"}),
    "gateway.networking.k8s.io/v1 HTTPRoute": ({"parentRefs", "rules"}, {"hostnames"}),
    "monitoring.coreos.com/v1 ServiceMonitor": ({"selector", "endpoints"}, {"jobLabel"}),
    "mongodbcommunity.mongodb.com/v1 MongoDBCommunity": (
        {"type", "members", "version", "security", "users"},
        {"statefulSet", "featureCompatibilityVersion", "additionalMongodConfig"},
    ),
    "rabbitmq.com/v1beta1 RabbitmqCluster": (
        {"replicas", "persistence", "resources"},
        {"image", "secretBackend", "affinity", "rabbitmq", "terminationGracePeriodSeconds", "override"},
    ),
}
"""Of kinds whose schemas are their operators': what such a resource must say, and what it may."""


def is_taken(resource: Resource) -> None:
    """Raises where somebody would refuse it."""
    kind = f"{resource['apiVersion']} {resource['kind']}"
    if kind in OTHERS:
        must, may = OTHERS[kind]
        assert must <= resource["spec"].keys() <= must | may, kind
        return
    for version in VERSIONS:
        kubernetes_validate.validate(resource, version, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_resource_as_it_is_written_is_taken(overlay: str) -> None:
    resources = written(FOLDER / "overlays" / overlay)
    assert len(resources) > 30
    for each in resources:
        is_taken(each)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_resource_as_it_is_rendered_is_taken(overlay: str) -> None:
    for each in rendered(overlay):
        is_taken(each)
        assert each["kind"] == "Namespace" or each["metadata"]["namespace"] == "fruitstore"


def test_what_the_ingress_tells_an_nginx_controller_is_taken() -> None:
    for each in rendered_with("nginx"):
        is_taken(each)


@pytest.mark.parametrize("wrong", [{"replcas": 1}, {"replicas": "one"}])
def test_a_mistake_would_be_noticed(wrong: dict[str, Any]) -> None:
    deployment = next(each for each in written(FOLDER / "base") if each["kind"] == "Deployment")
    with pytest.raises(kubernetes_validate.ValidationError):
        is_taken(deployment | {"spec": deployment["spec"] | wrong})
