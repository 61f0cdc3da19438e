"""How the parts are started, kept alive and ended on Kubernetes, and what they may do there."""

import pytest

from compose.topology import MODULES
from services.chassis.health import PATIENCE_SECONDS
from tests.compose.manifests import (
    OVERLAYS,
    containers,
    of_kind,
    pod,
    rendered,
    settings,
    the_container,
    workloads,
)

NOBODY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


@every_overlay
def test_there_is_a_deployment_for_every_part_and_it_runs_that(overlay: str) -> None:
    commands = {
        name: the_container(each)["command"]
        for name, each in of_kind(rendered(overlay), "Deployment").items()
    }
    assert commands == {part: ["python", "-m", module] for part, module in MODULES.items()}


@every_overlay
def test_every_container_runs_as_nobody_with_a_root_that_is_read_only(overlay: str) -> None:
    for each in workloads(rendered(overlay)).values():
        context = pod(each)["securityContext"]
        assert context["runAsNonRoot"], each["metadata"]["name"]
        assert context["runAsUser"] > 0
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert all(container["securityContext"] == NOBODY for container in containers(each))


@every_overlay
def test_no_container_is_given_kubernetes_credentials_or_settings_by_surprise(overlay: str) -> None:
    for each in workloads(rendered(overlay)).values():
        assert pod(each)["automountServiceAccountToken"] is False
        assert pod(each)["enableServiceLinks"] is False


@every_overlay
def test_every_container_says_what_it_needs_and_what_it_may_take(overlay: str) -> None:
    for each in workloads(rendered(overlay)).values():
        for container in containers(each):
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert container["resources"]["limits"].keys() == {"cpu", "memory"}


@every_overlay
def test_being_alive_never_depends_on_mongodb_or_rabbitmq_and_being_ready_does(overlay: str) -> None:
    for deployment in of_kind(rendered(overlay), "Deployment").values():
        container = the_container(deployment)
        paths = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness")}
        assert paths == {"startup": "/healthz", "liveness": "/healthz"}
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert container["readinessProbe"]["timeoutSeconds"] > PATIENCE_SECONDS + 1


@every_overlay
def test_a_process_whose_loop_stands_still_says_where_before_it_is_killed(overlay: str) -> None:
    watchdog = float(settings(rendered(overlay))["WATCHDOG_SECONDS"])
    for deployment in of_kind(rendered(overlay), "Deployment").values():
        probe = the_container(deployment)["livenessProbe"]
        soonest = (probe["failureThreshold"] - 1) * probe["periodSeconds"] + probe["timeoutSeconds"]
        assert watchdog < soonest


@every_overlay
def test_there_is_time_to_leave_to_finish_and_to_tell(overlay: str) -> None:
    told = settings(rendered(overlay))
    for deployment in of_kind(rendered(overlay), "Deployment").values():
        leaving = the_container(deployment)["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert leaving > 0
        ending = leaving + float(told["DRAIN_SECONDS"]) + float(told["SHUTDOWN_SECONDS"]) + 10
        assert pod(deployment)["terminationGracePeriodSeconds"] >= ending


@every_overlay
def test_every_service_leads_to_somebody_but_the_one_for_what_is_to_lead_nowhere(overlay: str) -> None:
    resources = rendered(overlay)
    deployments = of_kind(resources, "Deployment", "StatefulSet")
    for name, service in of_kind(resources, "Service").items():
        if name == "nobody":
            assert "selector" not in service["spec"]
            continue
        labels = deployments[name]["spec"]["template"]["metadata"]["labels"]
        assert service["spec"]["selector"].items() <= labels.items()
        open_ports = {port["containerPort"] for port in the_container(deployments[name])["ports"]}
        assert {port["port"] for port in service["spec"]["ports"]} <= open_ports
