"""What customers get, and how soon."""

from compose.observability.panels import Dashboard, Panel
from compose.observability.promql import rate

CUSTOMERS = Dashboard(
    "customers",
    "1. Customers' experience",
    (
        Panel(
            "Operations",
            "Root fields executed a second.",
            "ops",
            {"now": "sum(rate(graphql_operations_total[5m]))"},
            stat=True,
        ),
        Panel(
            "Failing",
            "The share that fails by our fault. Promised: one in a thousand.",
            "percentunit",
            {"now": "customers:errors:ratio5m"},
            stat=True,
            alarming=0.001,
        ),
        Panel(
            "Ordering, 99 of 100 within",
            "What a customer waits for an order or a cancellation.",
            "s",
            {"now": 'operations:seconds:p99_5m{type="mutation"}'},
            stat=True,
            alarming=1,
        ),
        Panel(
            "Alerts",
            "Firing now: each has an entry in the runbook.",
            "short",
            {"firing": 'count(ALERTS{alertstate="firing"}) or vector(0)'},
            stat=True,
            alarming=1,
        ),
        Panel(
            "What was asked",
            "By type and root field.",
            "ops",
            {"{{type}} {{field}}": rate("graphql_operations_total", "type, field")},
        ),
        Panel(
            "What failed",
            "By code. Nothing here is as it should be.",
            "ops",
            {
                "{{outcome}}": rate(
                    "graphql_operations_total",
                    "outcome",
                    '{outcome=~"INTERNAL_SERVER_ERROR|SERVICE_UNAVAILABLE|STALE_READ"}',
                )
            },
        ),
        Panel(
            "How long it took",
            "99 of 100 within; of subscriptions, to the first answer.",
            "s",
            {"{{type}}": "operations:seconds:p99_5m"},
        ),
        Panel(
            "Refused",
            "Before anything was executed, by code; the first limits to look at when a client complains.",
            "ops",
            {"{{code}}": rate("graphql_refused_total", "code") + " > 0"},
        ),
        Panel(
            "Watching",
            "Subscriptions, and what stays open, by transport.",
            "short",
            {
                "subscriptions": "sum(subscriptions_open)",
                "{{transport}}": "sum by (transport) (connections_open)",
            },
        ),
        Panel(
            "At the edge",
            "Requests handed to gateways, those that none could answer, and those under way.",
            "reqps",
            {
                "requests": 'sum(rate(caddy_http_requests_total{handler="reverse_proxy"}[5m]))',
                "no gateway answered": rate(
                    "caddy_http_request_errors_total", "handler", '{handler="reverse_proxy"}'
                ),
                "under way": 'sum(caddy_http_requests_in_flight{handler="reverse_proxy"})',
            },
        ),
    ),
)
