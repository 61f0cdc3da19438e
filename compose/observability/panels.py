"""What dashboards consist of, in Grafana's model of a dashboard (without plugins)."""

from dataclasses import dataclass
from typing import Any, Literal

SOURCE = {"type": "prometheus", "uid": "prometheus"}
COLUMNS = 24
"""How wide Grafana's grid is."""

Unit = Literal["short", "ops", "reqps", "s", "percentunit", "bytes"]
"""Names of Grafana's own."""


@dataclass(frozen=True)
class Panel:
    """One picture: PromQL by legend, where `{{label}}` stands for a label's value."""

    title: str
    says: str
    """How it is to be read: shown where one points at its title."""
    unit: Unit
    queries: dict[str, str]
    stat: bool = False
    """One number each in place of lines."""
    alarming: float | None = None
    """From here on it is red."""

    def json(self, number: int, place: dict[str, int]) -> dict[str, Any]:
        """The panel in Grafana's model."""
        return {
            "id": number,
            "type": "stat" if self.stat else "timeseries",
            "title": self.title,
            "description": self.says,
            "datasource": SOURCE,
            "gridPos": place,
            "fieldConfig": {"defaults": self._defaults(), "overrides": []},
            "options": STAT if self.stat else LINES,
            "targets": [
                {"refId": chr(65 + at), "datasource": SOURCE, "expr": expr, "legendFormat": legend}
                for at, (legend, expr) in enumerate(self.queries.items())
            ],
        }

    def _defaults(self) -> dict[str, Any]:
        steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
        if self.alarming is not None:
            steps.append({"color": "red", "value": self.alarming})
        style = "line" if self.alarming is not None else "off"
        drawn = {"fillOpacity": 10, "showPoints": "never", "thresholdsStyle": {"mode": style}}
        return {
            "unit": self.unit,
            "min": 0,
            "thresholds": {"mode": "absolute", "steps": steps},
            **({} if self.stat else {"custom": drawn}),
        }


STAT = {
    "colorMode": "value",
    "graphMode": "area",
    "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
}
LINES = {
    "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
    "tooltip": {"mode": "multi", "sort": "desc"},
}

TRACES = (
    "/explore?schemaVersion=1&orgId=1&panes=%7B%22t%22%3A%7B%22datasource%22%3A%22jaeger%22%2C%22queries%22%3A%5B"
    "%7B%22refId%22%3A%22A%22%2C%22datasource%22%3A%7B%22type%22%3A%22jaeger%22%2C%22uid%22%3A%22jaeger%22%7D%2C"
    "%22queryType%22%3A%22search%22%2C%22service%22%3A%22fruitstore-bff%22%7D%5D%2C"
    "%22range%22%3A%7B%22from%22%3A%22now-1h%22%2C%22to%22%3A%22now%22%7D%7D%7D"
)
"""Grafana's Explore, on the gateway's traces of the last hour."""


@dataclass(frozen=True)
class Dashboard:
    """A page: single numbers in the first row, then pictures, two beside one another."""

    uid: str
    title: str
    panels: tuple[Panel, ...]

    def json(self) -> dict[str, Any]:
        """The dashboard in Grafana's model."""
        return {
            "uid": f"fruitstore-{self.uid}",
            "title": self.title,
            "tags": ["fruitstore"],
            "schemaVersion": 39,
            "editable": False,
            "graphTooltip": 1,
            "timezone": "browser",
            "refresh": "30s",
            "time": {"from": "now-1h", "to": "now"},
            "templating": {"list": []},
            "annotations": {"list": [ALERTS]},
            "links": LINKS,
            "panels": self._placed(),
        }

    def _placed(self) -> list[dict[str, Any]]:
        stats = [each for each in self.panels if each.stat]
        lines = [each for each in self.panels if not each.stat]
        below = 4 if stats else 0
        width = COLUMNS // max(1, len(stats))
        places = [{"h": 4, "w": width, "x": at * width, "y": 0} for at in range(len(stats))]
        half = COLUMNS // 2
        places += [
            {"h": 8, "w": half, "x": at % 2 * half, "y": below + at // 2 * 8} for at in range(len(lines))
        ]
        both = enumerate(zip([*stats, *lines], places, strict=True), start=1)
        return [panel.json(number, place) for number, (panel, place) in both]


ALERTS = {
    "name": "Alerts",
    "datasource": SOURCE,
    "enable": True,
    "iconColor": "red",
    "expr": 'ALERTS{alertstate="firing"}',
    "titleFormat": "{{alertname}} {{job}}",
}
LINKS = [
    {"type": "dashboards", "title": "Fruitstore", "tags": ["fruitstore"], "asDropdown": True},
    {"type": "link", "title": "Traces", "url": TRACES, "targetBlank": True},
]
