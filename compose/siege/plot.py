"""A siege as a picture: latency, outcomes and the circuit over time, in one page that needs nothing else."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from compose.siege.answers import DECLINED, GOOD, PENDING, PLACED, UNAVAILABLE
from compose.siege.drawing import LEFT, RIGHT, WIDTH, Panel
from compose.siege.laying import Siege
from compose.siege.series import Column, columns
from compose.siege.table import outcomes, rows
from compose.trouble import Trouble

LOOKS: Final = {PLACED: "placed", PENDING: "pending", DECLINED: "declined", UNAVAILABLE: "unavailable"}
BAD = "bad"

HEIGHT: Final = 620

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2430; --paper: #fff; --grid: #d8dde5; --soft: #5c6675 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --paper: #14181f; --grid: #333b47; --soft: #9aa5b5 } }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif }
h1 { font-size: 1.4rem; margin: 0 } p { color: var(--soft); margin: .25rem 0 1.25rem }
svg { width: 100%; height: auto } text { fill: var(--soft); font-size: 12px }
.head { fill: var(--ink); font-weight: 600 }
.grid { stroke: var(--grid) } .line { fill: none; stroke-width: 2; stroke-linejoin: round }
.span { fill: #56b4e9; opacity: .18 }
.p50 { stroke: #0072b2 } .p95 { stroke: #cc79a7 } .p99 { stroke: #d55e00 }
rect.p50 { fill: #0072b2 } rect.p95 { fill: #cc79a7 } rect.p99 { fill: #d55e00 }
.placed, .closed { fill: #009e73 } .pending, .half_open { fill: #e69f00 } .declined { fill: #56b4e9 }
.unavailable { fill: #0072b2 } .bad, .open { fill: #d55e00 } .unknown { fill: var(--grid) }
.tables { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin-top: 1.5rem; align-items: flex-start }
table { border-collapse: collapse }
td { padding: .1rem 1.25rem .1rem 0; border-bottom: 1px solid var(--grid) } td + td { text-align: right;
  padding-right: 0; font-variant-numeric: tabular-nums }
"""


def write(siege: Siege, file: Path) -> None:
    """Write the page. Raises Trouble where it cannot be written."""
    try:
        file.write_text(page(siege), encoding="utf-8")
    except OSError as error:
        raise Trouble(f"Cannot write to {file} ({error.strerror}): choose another --plot.") from error


def page(siege: Siege) -> str:
    """The page, as HTML that is also well-formed XML."""
    tables = "".join(_table(each) for each in (rows(siege), outcomes(siege)))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f"<title>Siege</title><style>{STYLE}</style></head>"
        f"<body><h1>Siege</h1><p>{escape(str(siege.plan))}</p>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Latency, answers, circuit, by time">'
        f'{"".join(_picture(siege))}</svg><div class="tables">{tables}</div></body></html>\n'
    )


def _picture(siege: Siege) -> Iterator[str]:
    found = columns(siege)
    seconds = float(found[-1].ends)
    slowest = max([each.p99 for each in found] + [siege.plan.payment.most / 1000, 0.001]) * 1000
    yield from _latency(siege, found, Panel(32, 230, seconds, slowest * 1.1))
    yield from _outcomes(found, Panel(328, 170, seconds, max([each.rate for each in found] + [1]) * 1.1))
    yield from _circuit(found, Panel(554, 24, seconds, 1))


def _latency(siege: Siege, found: list[Column], panel: Panel) -> Iterator[str]:
    yield from _head(panel, "Response time", [("p50", "p50"), ("p95", "p95"), ("p99", "p99")])
    payment = siege.plan.payment
    yield panel.bar(0, panel.seconds, payment.least, payment.most, "span", f"payment takes {payment}")
    yield from panel.heights(" ms")
    answered = [each for each in found if each.kinds]
    for name in ("p50", "p95", "p99"):
        middles = [((each.begins + each.ends) / 2, getattr(each, name) * 1000) for each in answered]
        yield panel.line(middles, name)


def _outcomes(found: list[Column], panel: Panel) -> Iterator[str]:
    yield from _head(
        panel, "Answers a second", [*((look, kind) for kind, look in LOOKS.items()), (BAD, "not good")]
    )
    yield from panel.heights("")
    for column in found:
        low = 0.0
        for kind in (*GOOD, *sorted(set(column.kinds) - set(GOOD))):
            if count := column.kinds[kind]:
                high = low + count / (column.ends - column.begins)
                says = f"{_time(column)}: {count} {kind}"
                yield panel.bar(column.begins, column.ends, low, high, LOOKS.get(kind, BAD), says)
                low = high


def _circuit(found: list[Column], panel: Panel) -> Iterator[str]:
    yield from _head(panel, "Payment circuit", [(each, each) for each in ("closed", "half_open", "open")])
    yield from panel.times()
    known = None
    for column in found:
        known = column.state or known
        look = known if known in {"closed", "half_open", "open"} else "unknown"
        yield panel.bar(column.begins, column.ends, 0, 1, look, f"{_time(column)}: {known or 'not told'}")


def _head(panel: Panel, title: str, keys: list[tuple[str, str]]) -> Iterator[str]:
    y = panel.top - 12
    yield f'<text class="head" x="{LEFT}" y="{y}">{escape(title)}</text>'
    x = WIDTH - RIGHT
    for look, name in reversed(keys):
        x -= 8 * len(name) + 8
        yield panel.text(x, y, name)
        yield f'<rect class="{look}" x="{x - 18}" y="{y - 9}" width="12" height="10"/>'
        x -= 28


def _time(column: Column) -> str:
    return f"{column.begins} s" if column.ends - column.begins == 1 else f"{column.begins}-{column.ends} s"


def _table(found: Iterator[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in found)
    return f"<table><tbody>{cells}</tbody></table>"
