"""Every number that the parts show at /metrics, as a table."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from compose.export import built


def markdown() -> str:
    """The table, a row for each metric but those of the process itself (`process_*`, `python_*`)."""
    parts: dict[str, list[str]] = {}
    rows: dict[str, str] = {}
    apps = built()
    for part, app in apps.items():
        for metric in _ours(app.state.registry):
            row = _row(metric)
            parts.setdefault(row, []).append(part)
            rows[row] = metric._name  # noqa: SLF001 # said nowhere else
    head = ["| metric | type | labels | shown by | meaning |", "|---|---|---|---|---|"]
    ordered = sorted(rows, key=rows.__getitem__)
    everybody = list(apps)
    return "\n".join(
        [*head, *(row.format("all" if parts[row] == everybody else ", ".join(parts[row])) for row in ordered)]
    )


def _ours(registry: CollectorRegistry) -> Iterator[MetricWrapperBase]:
    for collector in registry._collector_to_names:  # noqa: SLF001 # without a sample a metric is not collected
        if isinstance(collector, MetricWrapperBase):
            yield collector


def _row(metric: MetricWrapperBase) -> str:
    """A row with a place for who shows it."""
    name = f"{metric._name}_total" if metric._type == "counter" else metric._name  # noqa: SLF001
    labels = ", ".join(f"`{label}`" for label in metric._labelnames) or "–"  # noqa: SLF001
    return f"| `{name}` | {metric._type} | {labels} | {{}} | {metric._documentation} |"  # noqa: SLF001
