"""Who may talk to whom, reckoned from NetworkPolicies as Kubernetes does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.compose.manifests import NAME, Resource, of_kind, workloads

Arrow = tuple[str, str, int]
"""Who asks, who is asked, and at which port."""

HERE = {"kubernetes.io/metadata.name": "fruitstore"}


@dataclass(frozen=True)
class Who:
    """Somebody with an address. Outside of our namespace nothing of ours holds anybody back."""

    name: str
    listens: frozenset[int]
    labels: Mapping[str, str] = field(default_factory=dict)
    namespace: Mapping[str, str] | None = field(default_factory=lambda: HERE)
    """Its namespace's labels; none: it is not in the cluster."""

    @property
    def ours(self) -> bool:
        """Whether our policies hold for it."""
        return self.namespace is HERE


OUTSIDE = (
    Who("edge", frozenset(), namespace={"fruitstore/edge": "allowed"}),
    Who("observability", frozenset({4318, 9090}), namespace={"fruitstore/observability": "allowed"}),
    Who("names", frozenset({53}), namespace={"kubernetes.io/metadata.name": "kube-system"}),
    Who("anybody else", frozenset({80, 443, 8000}), namespace={"kubernetes.io/metadata.name": "default"}),
    Who("internet", frozenset({80, 443, 6443}), namespace=None),
)
SERVERS = (
    Who("mongo", frozenset({27017}), {NAME: "mongo"}),
    Who(
        "rabbitmq",
        frozenset({4369, 5672, 15672, 15692, 25672}),
        {NAME: "rabbitmq", "app.kubernetes.io/component": "rabbitmq"},
    ),
)
"""The pods that the operators make, with the labels that they (MongoDB: we) give them."""


def everybody(resources: Sequence[Resource]) -> list[Who]:
    """The pods of these resources, and those outside."""
    pods = []
    for name, each in workloads(resources).items():
        template = each["spec"]["template"]
        ports = {port["containerPort"] for c in template["spec"]["containers"] for port in c.get("ports", ())}
        pods.append(Who(name, frozenset(ports or {8000}), template["metadata"]["labels"]))
    if of_kind(resources, "RabbitmqCluster"):
        pods += SERVERS
    return [*pods, *OUTSIDE]


def arrows(resources: Sequence[Resource]) -> set[Arrow]:
    """All that is let through, at both ends."""
    policies = list(of_kind(resources, "NetworkPolicy").values())
    all_of_them = everybody(resources)
    return {
        (one.name, other.name, port)
        for one in all_of_them
        for other in all_of_them
        for port in other.listens
        if (one.ours or other.ours)
        and _lets(policies, one, other, port, "egress", "to")
        and _lets(policies, other, one, port, "ingress", "from")
    }


def _lets(policies: list[Resource], whose: Who, other: Who, port: int, way: str, peers: str) -> bool:
    """Whether the policies that are about somebody let it through; where there are none, all goes through."""
    about = [each["spec"] for each in policies if whose.ours and _is_about(each["spec"], whose, way)]
    rules: Iterator[Resource] = (rule for spec in about for rule in spec.get(way, ()))
    return not about or any(
        (peers not in rule or any(_is(peer, other) for peer in rule[peers]))
        and ("ports" not in rule or port in {each["port"] for each in rule["ports"]})
        for rule in rules
    )


def _is_about(spec: Resource, whose: Who, way: str) -> bool:
    return way.capitalize() in spec["policyTypes"] and _selects(spec["podSelector"], whose.labels)


def _is(peer: Resource, who: Who) -> bool:
    if "ipBlock" in peer:
        return who.namespace is None
    if who.namespace is None:
        return False
    namespace = peer.get("namespaceSelector", {"matchLabels": HERE})
    return _selects(namespace, who.namespace) and _selects(peer.get("podSelector", {}), who.labels)


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    among = all(each["operator"] == "In" for each in selector.get("matchExpressions", ()))
    assert among, "only In is reckoned with"
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", ())
    )
