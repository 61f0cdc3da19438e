import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from bff.breaker import State
from bff.graph.codes import Code
from bff.ordering import PlaceOutcome
from bff.payments import Became
from compose import export, metrics
from compose.observability.__main__ import drift, texts
from services.chassis.metrics import registry
from tests.compose.prometheus import FOLDER, RULES, tool

COMPOSE = yaml.safe_load((FOLDER.parent / "compose.yaml").read_text())
RUNBOOK = (FOLDER.parent / "RUNBOOK.md").read_text()
DASHBOARDS = [json.loads(text) for text in texts().values()]
PANELS = [(board["title"], panel) for board in DASHBOARDS for panel in board["panels"]]

THEIRS = {
    # Prometheus' own
    *("up", "ALERTS"),
    # what RabbitMQ 4.0 shows at /metrics, and at /metrics/detailed for the families that prometheus.yml names
    *("rabbitmq_alarms_free_disk_space_watermark", "rabbitmq_alarms_memory_used_watermark"),
    *("rabbitmq_process_resident_memory_bytes", "rabbitmq_resident_memory_limit_bytes"),
    *("rabbitmq_disk_space_available_bytes", "rabbitmq_disk_space_available_limit_bytes"),
    *("rabbitmq_detailed_queue_messages", "rabbitmq_detailed_queue_consumers"),
    "rabbitmq_detailed_queue_messages_redelivered_total",
    # what Caddy 2.6 shows, and later ones too
    *("caddy_http_requests_total", "caddy_http_request_errors_total", "caddy_http_requests_in_flight"),
}
"""Numbers of programs that are not ours: looked up in what they really show."""

WORDS = re.compile(
    r"^(sum|max|min|count|by|and|or|on|ignoring|rate|increase|changes|deriv|absent|vector|le"
    r"|histogram_quantile|max_over_time|min_over_time|group)$"
)
"""What is PromQL's own in an expression."""


def rules() -> Iterator[dict[str, Any]]:
    for path in RULES:
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


ALERTS = [rule for rule in rules() if "alert" in rule]
RECORDED = {rule["record"] for rule in rules() if "record" in rule}
EXPRESSIONS = [rule["expr"] for rule in rules()] + [
    target["expr"] for _, panel in PANELS for target in panel["targets"]
]


def run(*arguments: str, folder: Path | None = None) -> None:
    command = (tool(), *arguments)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    text = (FOLDER / "prometheus.yml").read_text().replace("/etc/prometheus", str(FOLDER))
    (tmp_path / "prometheus.yml").write_text(text)
    run("check", "config", str(tmp_path / "prometheus.yml"))


@pytest.mark.parametrize("about", ["customers", "facts", "processes"])
def test_alerts_fire_when_they_should_and_not_otherwise(about: str) -> None:
    run("test", "rules", f"{about}.yml", folder=FOLDER / "rules" / "tests")


def test_each_alert_is_tried() -> None:
    tried = "".join(path.read_text() for path in (FOLDER / "rules" / "tests").glob("*.yml"))
    assert [each["alert"] for each in ALERTS if f'alertname="{each["alert"]}"}}' not in tried] == []


def test_what_dashboards_ask_is_promql(tmp_path: Path) -> None:
    asked = [{"record": f"asked:{at}", "expr": expr} for at, expr in enumerate(EXPRESSIONS)]
    (tmp_path / "asked.yml").write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": asked}]}))
    run("check", "rules", str(tmp_path / "asked.yml"))


def test_each_alert_says_how_bad_it_is_and_what_to_do() -> None:
    for alert in ALERTS:
        assert alert["labels"]["severity"] in {"critical", "warning"}, alert
        assert alert["annotations"].keys() == {"summary", "description", "runbook_url"}, alert
        assert alert["annotations"]["runbook_url"] == f"compose/RUNBOOK.md#{alert['alert'].lower()}"


def test_the_runbook_has_an_entry_for_each_alert_and_for_nothing_else() -> None:
    entries = re.findall(r"^### (\w+)$", RUNBOOK, re.MULTILINE)
    assert Counter(entries) == Counter(alert["alert"] for alert in ALERTS)


def shown() -> set[str]:
    """All that our processes show, as series are named."""
    ours = set(re.findall(r"^\| `(\w+)` \| (?!histogram)", metrics.markdown(), re.MULTILINE))
    for name in re.findall(r"^\| `(\w+)` \| histogram", metrics.markdown(), re.MULTILINE):
        ours |= {f"{name}_{kind}" for kind in ("bucket", "count", "sum")}
    return ours | {sample.name for metric in registry().collect() for sample in metric.samples}


def named(expression: str) -> set[str]:
    """The metrics in PromQL: what is left without labels, texts, times and words."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]", "", expression)
    bare = re.sub(r"\b(by|ignoring|on) *\([^)]*\)", "", bare)
    names = set(re.findall(r"(?<![\w.:])[A-Za-z_][\w:]*", bare))
    return {name for name in names if not WORDS.match(name)}


def test_rules_and_dashboards_name_what_is_really_shown() -> None:
    asked = set().union(*(named(each) for each in EXPRESSIONS))
    assert asked - shown() - THEIRS - RECORDED == set()
    assert THEIRS - asked == set()
    assert RECORDED - asked == set(), "nobody asks for what is recorded"


def test_labels_have_values_that_exist() -> None:
    jobs = {*export.built(), "edge", "rabbitmq"}
    values = {
        "job": jobs,
        "outcome": {str(code) for code in Code} | {kind.__name__ for kind in get_args(PlaceOutcome)},
        "command": {"placeOrder", "cancelOrder"},
        "answer": {str(each) for each in Became},
        "state": set(get_args(State)),
        "dependency": {"mongodb", "rabbitmq"},
        "handler": {"reverse_proxy"},
    }
    said = {each for text in EXPRESSIONS for each in re.findall(r'\b(\w+)=~?"([^"]+)"', text)}
    for label, each in said:
        assert label not in values or set(each.split("|")) <= values[label], (label, each)


def test_the_files_of_dashboards_are_what_the_code_says() -> None:
    assert drift() == [], "python -m compose.observability"


def test_a_file_that_was_changed_by_hand_is_noticed(tmp_path: Path) -> None:
    for name, text in texts().items():
        (tmp_path / name).write_text(text)
    (tmp_path / "saga.json").write_text("{}")
    (tmp_path / "one-too-many.json").write_text("{}")
    assert drift(tmp_path) == ["one-too-many.json", "saga.json"]


def test_dashboards_are_told_apart_and_each_is_small() -> None:
    uids = [board["uid"] for board in DASHBOARDS]
    assert len(set(uids)) == len(uids) == 6
    assert all(len(board["panels"]) <= 10 and len(board["uid"]) <= 40 for board in DASHBOARDS)


def test_each_panel_can_be_read() -> None:
    sources = yaml.safe_load((FOLDER / "grafana/provisioning/datasources/all.yml").read_text())["datasources"]
    uids = {each["uid"]: each["type"] for each in sources}
    for board, panel in PANELS:
        assert panel["title"], board
        assert panel["description"].endswith("."), (board, panel["title"])
        assert panel["fieldConfig"]["defaults"]["unit"], (board, panel["title"])
        for asks in (panel, *panel["targets"]):
            assert uids[asks["datasource"]["uid"]] == asks["datasource"]["type"]


def test_no_panel_lies_on_another() -> None:
    for board in DASHBOARDS:
        taken: Counter[tuple[int, int]] = Counter()
        for place in (panel["gridPos"] for panel in board["panels"]):
            assert place["x"] + place["w"] <= 24
            cells = ((x, y) for x in range(place["w"]) for y in range(place["h"]))
            taken.update((place["x"] + x, place["y"] + y) for x, y in cells)
        assert set(taken.values()) == {1}, board["title"]


def test_near_the_limit_is_said_of_the_limit_that_containers_have() -> None:
    parts = ("bff", "order", "payment", "delivery", "mypage")
    limits = {COMPOSE["services"][part]["deploy"]["resources"]["limits"]["memory"] for part in parts}
    assert limits == {"256M"}
    rule = next(each for each in ALERTS if each["alert"] == "MemoryNearLimit")
    assert "* 256 * 1024 * 1024" in rule["expr"]


def test_who_watches_is_bounded_and_hardened_and_publishes_nothing() -> None:
    for name in ("prometheus", "grafana", "jaeger"):
        service = COMPOSE["services"][name]
        assert service["profiles"] == ["observability"]
        assert "ports" not in service
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["deploy"]["resources"]["limits"]["memory"]
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), "one version, and no other"


def test_operators_come_in_by_the_edge_and_on_loopback() -> None:
    added = yaml.safe_load((FOLDER / "watched.yaml").read_text())["services"]
    assert {name: each["ports"] for name, each in added.items() if "ports" in each} == {
        "edge": ["127.0.0.1:${GRAFANA_PORT:-3000}:3000"]
    }
    traced = {name for name, each in added.items() if "OTLP_ENDPOINT" in each.get("environment", {})}
    assert traced == {"bff", "order", "payment", "delivery", "mypage"}


def test_prometheus_asks_every_part_and_all_else_that_shows_numbers() -> None:
    jobs = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    asked = {job["job_name"] for job in jobs if "dns_sd_configs" in job}
    assert asked == set(export.built())
    assert {job["job_name"] for job in jobs} - asked == {"edge", "rabbitmq", "queues", "prometheus"}
