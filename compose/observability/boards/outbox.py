"""What is told, and how soon MyPage shows it."""

from compose.observability.panels import Dashboard, Panel
from compose.observability.promql import rate, share, worst

OUTBOX = Dashboard(
    "outbox",
    "4. Outboxes and MyPage's lag",
    (
        Panel(
            "Oldest untold fact",
            "Its age: seconds where RabbitMQ is well.",
            "s",
            {"{{job}}": worst("outbox_age_seconds")},
            alarming=30,
        ),
        Panel(
            "Documents with untold facts",
            "What waits to be told.",
            "short",
            {"{{job}}": worst("outbox_depth")},
            alarming=100,
        ),
        Panel(
            "Told",
            "Facts a second, and attempts that failed.",
            "ops",
            {
                "{{job}}": rate("outbox_told_total", "job"),
                "{{job}} failed": rate("outbox_failed_total", "job"),
            },
        ),
        Panel(
            "How long telling took",
            "From a fact's moment to the broker's confirmation, 99 of 100 within.",
            "s",
            {"{{job}}": share(0.99, "outbox_tell_seconds", "job")},
        ),
        Panel(
            "MyPage's lag",
            "From a fact's moment to its being in MyPage.",
            "s",
            {"half": share(0.5, "projection_lag_seconds"), "99 of 100": "projection:lag_seconds:p99_5m"},
            alarming=10,
        ),
        Panel(
            "New views heard",
            "By each gateway; all hear the same.",
            "ops",
            {"{{instance}}": "rate(changes_heard_total[5m])"},
        ),
    ),
)
