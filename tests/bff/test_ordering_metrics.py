"""What customers were told is counted, and noted where they are left waiting."""

from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from bff import metrics
from bff.metrics import OrderingMetrics
from bff.ordering import Pending, Placed, Unavailable
from schema.projection import project
from tests import facts


def test_who_is_left_waiting_is_noted_and_of_a_crowd_that_is_turned_away_one_a_second() -> None:
    time, view = 0.0, project((facts.placed(),))
    assert view
    registry = CollectorRegistry()
    told = OrderingMetrics(registry, lambda: time)
    with capture_logs() as noted:
        for _ in range(30):
            for outcome in (Placed(view), Pending(view), Unavailable(1000)):
                told.told("placeOrder", outcome)
            time += metrics.REFUSALS_NOTED_EVERY_SECONDS / 10
    names = [each["outcome"] for each in noted]
    assert {name: names.count(name) for name in set(names)} == {"Pending": 30, "Unavailable": 3}
    labels = {"command": "placeOrder", "outcome": "Unavailable"}
    assert registry.get_sample_value("ordering_outcomes_total", labels) == 30
