"""What watchdogs put right, counted and logged: a healthy system has next to nothing of it."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter

from services.chassis.logs import logger

log = logger(__name__)

Healed = Callable[[str, str], None]
"""Says which wait was mended, and of which order."""


def healing(registry: CollectorRegistry) -> Healed:
    """Count and log what is mended."""
    counter = Counter(
        "watchdog_healed", "Waits that took too long and were mended.", ["wait"], registry=registry
    )

    def healed(wait: str, order_id: str) -> None:
        counter.labels(wait).inc()
        log.warning("a watchdog mended a wait", wait=wait, order=order_id)

    return healed
