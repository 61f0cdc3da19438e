"""What can be seen of a gateway from outside: what it holds, and whether it answers as ever."""

from collections import Counter
from dataclasses import dataclass, field

from tests.hostile.target import Target

ORDINARY = "{ fruits { id } myOrders(first: 5) { edges { node { id status } } } }"


@dataclass(frozen=True)
class Look:
    """At one moment. `rss` is in bytes."""

    rss: int
    connections: int
    subscriptions: float
    tasks: Counter[str] = field(repr=False)

    def more_than(self, before: "Look") -> dict[str, object]:
        """What is there now, and was not before."""
        more: dict[str, object] = {}
        if tasks := self.tasks - before.tasks:
            more["tasks"] = dict(tasks)
        if self.connections > before.connections:
            more["connections"] = self.connections
        if self.subscriptions > before.subscriptions:
            more["subscriptions"] = self.subscriptions
        return more


async def look(target: Target) -> Look:
    """Look at it, once it has answered an ordinary question."""
    data = await target.as_customer("customer-1", ORDINARY)
    assert data["fruits"], data
    subscriptions = await target.metric("subscriptions_open")
    return Look(target.rss, target.connections, subscriptions, Counter(await target.left()))
