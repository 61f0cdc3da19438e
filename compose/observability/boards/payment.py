"""Payment, and the circuit breaker before it."""

from compose.observability.panels import Dashboard, Panel
from compose.observability.promql import rate, share

PAYMENT = Dashboard(
    "payment",
    "3. Payment and its circuit breaker",
    (
        Panel(
            "Circuit not closed",
            "1 while a gateway's circuit is open, or waits for somebody to probe.",
            "short",
            {"{{instance}}": '1 - payment_breaker_state{state="closed"}'},
            alarming=1,
        ),
        Panel(
            "Opened, and refused",
            "Times it opened, and calls not made because it was open.",
            "ops",
            {
                "opened": "sum(rate(payment_breaker_opened_total[5m]))",
                "refused": "sum(rate(payment_breaker_refused_total[5m]))",
            },
        ),
        Panel(
            "Payment calls",
            "What they said of payment's health; a decline is a success.",
            "ops",
            {"{{outcome}}": rate("payment_call_seconds_count", "outcome")},
        ),
        Panel(
            "How long they took",
            "99 of 100 within; at 0.61 s nobody waits any longer.",
            "s",
            {"half": share(0.5, "payment_call_seconds"), "99 of 100": share(0.99, "payment_call_seconds")},
            alarming=0.61,
        ),
        Panel(
            "Calls in flight",
            "Per gateway; each has places for a certain number (BFF_PAYMENT_AT_ONCE).",
            "short",
            {"{{instance}}": "payment_calls_in_flight"},
        ),
        Panel(
            "Charges at the provider",
            "Queued ones included: where this grows, the provider is slower than customers.",
            "short",
            {"{{instance}}": "payment_charges_in_flight"},
        ),
    ),
)
