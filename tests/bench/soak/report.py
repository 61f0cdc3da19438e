"""A soak's results: a table, JSON, CSV, and a page with a picture."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path

from rich.table import Table

from compose.siege.drawing import WIDTH, Panel
from compose.topology import MODULES
from tests.bench.soak.memory import Course

RSS_AT_MOST = {"bff": 85.0, "order": 65.0, "payment": 65.0, "delivery": 65.0, "mypage": 65.0}
"""MiB that each is to stay within."""

LOOKS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#888")


def is_flat(course: Course, warm_up: float, at_most: float) -> bool:
    """Whether a process grows no faster than so many MiB an hour, and was never replaced."""
    return course.slope(warm_up) <= at_most and len(course.pids) == 1


def _judged(course: Course, warm_up: float, at_most: float) -> str:
    if is_flat(course, warm_up, at_most):
        return ""
    return " grows" if len(course.pids) == 1 else " was replaced"


def table(courses: Sequence[Course], warm_up: float, at_most: float) -> Table:
    """Memory by process; servers grow with what they keep, and are not judged."""
    shown = Table("process", title="Resident memory (MiB)")
    for head in (
        "first",
        "after warm-up",
        "last",
        "median",
        "most",
        f"MiB/h (at most {at_most:g})",
        "within",
    ):
        shown.add_column(head, justify="right")
    shown.add_column("threads", justify="right")
    shown.add_column("files", justify="right")
    for each in courses:
        held = [sample.rss_mib for sample in each.samples]
        ours = each.part in MODULES
        limit = RSS_AT_MOST.get(each.part)
        judged = _judged(each, warm_up, at_most) if ours else ""
        shown.add_row(
            each.part,
            *(f"{value:.1f}" for value in (held[0], each.after(warm_up)[0].rss_mib, held[-1])),
            f"{each.middle(warm_up):.1f}",
            f"{max(held):.1f}",
            f"{each.slope(warm_up):+.2f}{judged}",
            "" if limit is None else f"{limit:g} {'yes' if max(held) <= limit else 'NO'}",
            str(each.samples[-1].threads),
            str(each.samples[-1].files),
        )
    return shown


def write(
    folder: Path, courses: Sequence[Course], warm_up: float, answers: Mapping[str, int], said: str
) -> None:
    """Keep it all as soak.json, soak.csv and soak.html."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        "plan": said,
        "warm_up_seconds": warm_up,
        "answers": dict(answers),
        "slopes_mib_an_hour": {each.part: each.slope(warm_up) for each in courses},
        "samples": {each.part: [asdict(sample) for sample in each.samples] for each in courses},
    }
    (folder / "soak.json").write_text(json.dumps(kept, indent=1))
    with (folder / "soak.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("process", "second", "rss_mib", "threads", "files"))
        for each in courses:
            rows.writerows((each.part, s.at, round(s.rss_mib, 2), s.threads, s.files) for s in each.samples)
    (folder / "soak.html").write_text(page(courses, said), encoding="utf-8")


def page(courses: Sequence[Course], said: str) -> str:
    """Our processes over time, as HTML that needs nothing else."""
    ours = [each for each in courses if each.part in MODULES]
    seconds = max(sample.at for each in ours for sample in each.samples) or 1.0
    highest = max(sample.rss_mib for each in ours for sample in each.samples) * 1.1
    panel = Panel(32, 360, seconds, highest)
    style = "".join(f".{each.part} {{ stroke: {look} }}" for each, look in zip(ours, LOOKS, strict=False))
    lines = "".join(panel.line([(s.at, s.rss_mib) for s in each.samples], each.part) for each in ours)
    names = "".join(
        panel.text(panel.x(seconds), panel.y(each.samples[-1].rss_mib) - 6, each.part, "end") for each in ours
    )
    scales = "".join((*panel.heights(" MiB"), *panel.times()))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/><title>Soak</title><style>'
        "body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem }"
        f".line {{ fill: none; stroke-width: 2 }} .grid {{ stroke: #d8dde5 }} {style}</style></head>"
        f'<body><h1>Soak</h1><p>{escape(said)}</p><svg viewBox="0 0 {WIDTH} 430" role="img" '
        f'aria-label="Memory over time">{scales}{lines}{names}</svg></body></html>\n'
    )
