"""The NetworkPolicies let through exactly what the parts have to say to one another."""

import pytest

from tests.compose.arrows import Arrow, arrows
from tests.compose.manifests import FOLDER, PARTS, of_kind, written

ASKS = {
    "bff": ("order", "payment", "delivery", "mypage"),
    "order": ("payment",),
    "mypage": ("order", "payment", "delivery"),
}
DESIGN: set[Arrow] = {
    *((one, other, 8000) for one, others in ASKS.items() for other in others),
    *((part, "mongo", 27017) for part in (*PARTS, "setup")),
    *((part, "rabbitmq", 5672) for part in (*PARTS, "setup")),
    ("setup", "rabbitmq", 15672),
    ("edge", "bff", 8000),
    ("bff", "internet", 443),
    *(("observability", part, 8000) for part in PARTS),
    ("observability", "rabbitmq", 15692),
    *((part, "observability", 4318) for part in PARTS),
    *((whoever, "names", 53) for whoever in (*PARTS, "setup", "mongo", "rabbitmq")),
}
"""Who asks whom (`setup` makes users by RabbitMQ's management), who comes from outside, who goes there."""

AMONG_OPERATED: set[Arrow] = {
    ("mongo", "mongo", 27017),
    ("rabbitmq", "rabbitmq", 4369),
    ("rabbitmq", "rabbitmq", 25672),
    *((server, "internet", port) for server in ("mongo", "rabbitmq") for port in (443, 6443)),
    # Kubernetes itself may be anywhere, so these two ports are open to wherever somebody listens there
    *((server, "anybody else", 443) for server in ("mongo", "rabbitmq")),
}
"""Nodes of one cluster, and their asking Kubernetes about one another."""


def test_on_one_machine_the_arrows_of_the_design_are_let_through_and_no_others() -> None:
    assert arrows(written(FOLDER / "overlays" / "local")) == DESIGN


def test_in_production_the_servers_talk_among_themselves_besides() -> None:
    assert arrows(written(FOLDER / "overlays" / "production")) == DESIGN | AMONG_OPERATED


@pytest.mark.parametrize("policy", ["nobody", "order", "bff", "rabbitmq", "edge-comes-in"])
def test_no_policy_can_be_left_out(policy: str) -> None:
    resources = written(FOLDER / "overlays" / "local")
    left = [
        each
        for each in resources
        if each["kind"] != "NetworkPolicy" or each is not of_kind(resources, "NetworkPolicy")[policy]
    ]
    assert arrows(left) != DESIGN
