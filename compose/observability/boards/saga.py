"""Orders, from being placed to being settled."""

from compose.observability.panels import Dashboard, Panel
from compose.observability.promql import rate, share

SAGA = Dashboard(
    "saga",
    "2. Orders, from placing to settled",
    (
        Panel(
            "Answers to placeOrder",
            "By type. Pending ones settle by themselves; Unavailable ones were not ordered.",
            "ops",
            {"{{outcome}}": 'commands:outcomes:rate5m{command="placeOrder"}'},
        ),
        Panel(
            "Answers to cancelOrder",
            "By type.",
            "ops",
            {"{{outcome}}": 'commands:outcomes:rate5m{command="cancelOrder"}'},
        ),
        Panel(
            "What became of payments",
            "As far as the gateway knows: timeout and broken are unclear, and told later by payment itself.",
            "ops",
            {"{{answer}}": rate("payment_answers_total", "answer") + " > 0"},
        ),
        Panel(
            "Waits mended",
            "Orders unpaid for too long, charges, refunds and pages, mended. In a well system next to none.",
            "ops",
            {"{{job}} {{wait}}": rate("watchdog_healed_total", "job, wait")},
        ),
        Panel(
            "Facts told",
            "Each step of an order is a fact: order's, placed and canceled; payment's, paid and given back.",
            "ops",
            {"{{job}}": rate("outbox_told_total", "job")},
        ),
        Panel(
            "How soon customers see it",
            "From a step to its being in MyPage: half, and 99 of 100, within.",
            "s",
            {"half": share(0.5, "projection_lag_seconds"), "99 of 100": "projection:lag_seconds:p99_5m"},
            alarming=10,
        ),
        Panel(
            "Read what was written",
            "Reads with a consistency token: shown at once, after a wait, or stale.",
            "ops",
            {"{{outcome}}": rate("consistency_reads_total", "outcome")},
        ),
    ),
)
