"""The processes, and what they stand on."""

from compose.observability.panels import Dashboard, Panel
from compose.observability.promql import PARTS, rate

PROCESSES = Dashboard(
    "processes",
    "6. Processes",
    (
        Panel("Replicas that answer", "Of each part.", "short", {"{{job}}": "sum by (job) (up)"}),
        Panel(
            "Replicas that are ready",
            "As they said when /readyz was asked last.",
            "short",
            {"{{job}}": "count by (job) (ready == 1)"},
        ),
        Panel(
            "What is missing",
            "1 where a replica does not reach what it looks for; not all of it is needed.",
            "short",
            {"{{job}}: {{dependency}}": "1 - min by (job, dependency) (dependency_ok)"},
        ),
        Panel(
            "Started anew",
            "Within a quarter of an hour.",
            "short",
            {"{{job}}": f"sum by (job) (changes(process_start_time_seconds{PARTS}[15m]))"},
            alarming=3,
        ),
        Panel(
            "CPU",
            "Cores in use; a process can use one.",
            "percentunit",
            {"{{job}} {{instance}}": f"rate(process_cpu_seconds_total{PARTS}[5m])"},
        ),
        Panel(
            "Memory",
            "Held by each process; a container may have 256 MiB.",
            "bytes",
            {"{{job}} {{instance}}": f"process_resident_memory_bytes{PARTS}"},
            alarming=0.85 * 256 * 1024 * 1024,
        ),
        Panel(
            "How late the event loop is",
            "The worst of the last 15 seconds: so long everything waits.",
            "s",
            {"{{job}} {{instance}}": "event_loop_lag_seconds"},
            alarming=0.25,
        ),
        Panel(
            "Asked without a service token",
            "And refused. Nothing here is as it should be.",
            "ops",
            {"{{job}}": rate("internal_requests_refused_total", "job")},
        ),
    ),
)
