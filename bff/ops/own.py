"""What the gateway itself knows: the circuit, payment calls, what customers were told, who watches."""

from dataclasses import dataclass
from math import ceil, inf
from typing import Any, Final

from prometheus_client import CollectorRegistry

from bff.ops.numbers import Numbers
from bff.payments import Payments
from bff.settings import BffSettings

CALLS: Final = "payment_call_seconds"
ANSWERS: Final = "payment_answers_total"


@dataclass(frozen=True)
class Own:
    """Read where it is kept; nobody is asked."""

    settings: BffSettings
    paying: Payments
    registry: CollectorRegistry

    def shown(self) -> dict[str, Any]:
        """As it is answered."""
        return {
            "replica": self.settings.bff_replica,
            "breaker": self._breaker(),
            "payment": self._payment(),
            "orders": self._orders(),
            "subscriptions": self._subscriptions(),
        }

    def _breaker(self) -> dict[str, Any]:
        breaker, settings = self.paying.breaker, self.settings
        seen = breaker.snapshot()
        return {
            "state": seen["state"],
            "retryInMs": ceil(1000 * breaker.open_remaining) if seen["state"] == "open" else None,
            "calls": seen["calls"],
            "failures": seen["failures"],
            "rate": seen["failures"] / seen["calls"] if seen["calls"] else 0.0,
            "lastFailure": seen["last_failure"],
            "failureRate": settings.bff_breaker_failure_rate,
            "minimumVolume": settings.bff_breaker_minimum_volume,
            "windowSeconds": settings.bff_breaker_window_seconds,
        }

    def _payment(self) -> dict[str, Any]:
        """A call that says nothing of payment (it was cancelled, or all places were taken) is not counted."""
        histogram = (f"{CALLS}_{each}" for each in ("count", "sum", "bucket"))
        numbers = Numbers.own(self.registry, *histogram, ANSWERS).without(outcome="neutral")
        bulkhead = self.paying.bulkhead
        return {
            "calls": numbers.count(f"{CALLS}_count"),
            "seconds": numbers.total(f"{CALLS}_sum") or 0.0,
            "outcomes": numbers.by(ANSWERS, "answer"),
            "buckets": [list(each) for each in numbers.buckets(CALLS) if each[0] < inf],
            "inFlight": bulkhead.in_flight,
            "atOnce": bulkhead.capacity,
        }

    def _orders(self) -> dict[str, int]:
        name = "graphql_operations_total"
        return Numbers.own(self.registry, name).by(name, "outcome", type="mutation", field="placeOrder")

    def _subscriptions(self) -> dict[str, Any]:
        numbers = Numbers.own(self.registry, "subscriptions_open", "connections_open")
        transports = numbers.by("connections_open", "transport")
        return {
            "open": numbers.count("subscriptions_open"),
            "connections": sum(transports.values()),
            "byTransport": {each: transports.get(each, 0) for each in ("websocket", "sse", "multipart")},
        }
