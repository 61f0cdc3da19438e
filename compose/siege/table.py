"""What a siege was like: the table for people, the same for programs."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from compose.ops.audit_screen import summary
from compose.ops.plain import visible
from compose.siege.answers import GOOD, RATE_LIMITED, TAKEN
from compose.siege.laying import Siege
from compose.siege.truth import Aftermath

Row = tuple[str, str]

SHOWN = 20
"""Sentences about what is untrue; the rest is counted."""

LIMITED = (
    "The gateway counted how often somebody comes (RATE_LIMITED): to siege it beyond that, start it with"
    " BFF_RATES=false make up."
)


def rows(siege: Siege) -> Iterator[Row]:
    """What siege says, and what it cannot."""
    found = siege.figures
    yield "Transactions", f"{found.kinds.total():,}"
    yield "Availability", f"{found.availability:.2%}"
    yield "Elapsed time", f"{found.seconds:.2f} s"
    yield "Response time", f"{found.mean * 1000:.0f} ms"
    yield "Transaction rate", f"{found.rate:.2f} /s"
    yield "Concurrency", f"{found.concurrency:.2f}"
    yield "Successful transactions", f"{found.good:,}"
    yield "Failed transactions", f"{found.bad:,}"
    yield "Longest transaction", f"{found.percentile(1) * 1000:.0f} ms"
    yield "Shortest transaction", f"{found.percentile(0) * 1000:.0f} ms"
    for share in (0.5, 0.95, 0.99):
        yield f"p{share * 100:.0f}", f"{found.percentile(share) * 1000:.0f} ms"
    yield from _limits(siege)
    yield from _costs(siege)


def outcomes(siege: Siege) -> Iterator[Row]:
    """How many got which answer: those that are good first."""
    kinds = siege.figures.kinds
    others = sorted(set(kinds) - set(GOOD))
    for kind in (*GOOD, *others):
        yield visible(kind), f"{kinds[kind]:,} ({kinds[kind] / (kinds.total() or 1):.2%})"


def _limits(siege: Siege) -> Iterator[Row]:
    limit, openings = siege.plan.limit, siege.circuit.openings
    if limit:
        yield "Physical limit", f"{limit:.2f} /s"
        yield "Orders taken, of that", f"{siege.figures.taken_rate / limit:.2%}"
    yield "Breaker openings", "not told" if openings is None else f"{openings:,}"


def _costs(siege: Siege) -> Iterator[Row]:
    count = siege.figures.kinds.total() or 1
    share = siege.load_cpu / siege.plan.seconds
    yield "CPU of the load", f"{siege.load_cpu / count * 1000:.2f} ms a transaction, {share:.1%} of a core"
    for part, seconds in siege.parts.items():
        each = f"{seconds / count * 1000:.2f} ms a transaction"
        yield f"CPU of {part}", f"{each}, {seconds / siege.plan.seconds:.1%} of a core"


def table(siege: Siege) -> Table:
    """All of it, aligned as siege has it."""
    grid = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    for row in rows(siege):
        grid.add_row(*row)
    grid.add_row()
    good = set(GOOD)
    for kind, count in outcomes(siege):
        grid.add_row(Text(kind, style="" if kind in good else "red"), count)
    return grid


def advice(siege: Siege) -> Iterator[str]:
    """What to do about what was not good."""
    if siege.figures.kinds[RATE_LIMITED]:
        yield LIMITED


def verdict(aftermath: Aftermath) -> Iterator[str]:
    """Whether everything told is true."""
    for sentence in aftermath.untrue[:SHOWN]:
        yield f"untrue: {visible(sentence)}"
    if len(aftermath.untrue) > SHOWN:
        yield f"untrue: and {len(aftermath.untrue) - SHOWN:,} more"
    yield f"Told: {aftermath.told:,} answers compared, {len(aftermath.untrue):,} untrue"
    yield f"Audit: {summary(aftermath.report)}"


def as_json(siege: Siege, aftermath: Aftermath | None) -> dict[str, Any]:
    """The same for programs; times in milliseconds, rates a second, CPU in milliseconds a transaction."""
    found, plan = siege.figures, siege.plan
    count = found.kinds.total() or 1
    return {
        "users": plan.users,
        "seconds": plan.seconds,
        "payment_ms": [plan.payment.least, plan.payment.most],
        "transactions": found.kinds.total(),
        "availability": found.availability,
        "outcomes": dict(found.kinds),
        "taken": sum(found.kinds[kind] for kind in TAKEN),
        "rate": found.rate,
        "concurrency": found.concurrency,
        "mean_ms": found.mean * 1000,
        **{f"p{round(share * 100)}_ms": found.percentile(share) * 1000 for share in (0.5, 0.95, 0.99)},
        "longest_ms": found.percentile(1) * 1000,
        "shortest_ms": found.percentile(0) * 1000,
        "limit": plan.limit,
        "share_of_limit": found.taken_rate / plan.limit if plan.limit else None,
        "breaker_openings": siege.circuit.openings,
        "cpu_ms": {"load": siege.load_cpu / count * 1000}
        | {part: seconds / count * 1000 for part, seconds in siege.parts.items()},
        "audit": _audited(aftermath) if aftermath else None,
    }


def _audited(aftermath: Aftermath) -> dict[str, Any]:
    report = aftermath.report
    states = {str(state): count for state, count in report.states.items()}
    return {"orders": report.orders, "states": states, "told": aftermath.told, "untrue": aftermath.untrue}
