"""One order on one screen: its facts, who knows them since when, the money, the view, what comes next."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from compose.ops.plain import visible
from compose.ops.story import Story, teller
from compose.ops.verdict import Finding
from schema.events import Event, OrderPlaced
from schema.feed import PaymentEntry

WIDTH = 96
NOT = Text("–", style="dim")


def sheet(story: Story, findings: Iterable[Finding], now: datetime, silent: Iterable[str] = ()) -> Group:
    """The whole story, at most 96 columns wide. `silent` are services that did not answer."""
    unknown = frozenset(silent)
    parts: list[RenderableType] = [Text(visible(_headline(story)), style="bold")]
    parts += [Text(f"  {finding.rule}: {visible(_aged(finding, now))}", style="red") for finding in findings]
    parts += [Padding(_facts(story, unknown), (1, 2), expand=False), _rest(story, unknown, now), Text()]
    return Group(*parts)


def console() -> Console:
    """Where sheets are printed: never narrower than they are, also into a file."""
    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, WIDTH)
    return console


def plainly(duration: timedelta) -> str:
    """A duration in words short enough for a table: `0.012 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`."""
    seconds = duration.total_seconds()
    if abs(seconds) < 60:
        return f"{seconds:.3f} s" if abs(seconds) < 10 else f"{seconds:.1f} s"
    whole = int(abs(seconds))
    for size, unit, part, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    raise AssertionError(seconds)


def _headline(story: Story) -> str:
    placed = story.happened(OrderPlaced)
    if placed is None:
        return f"Order {story.order_id}, of which the order service says nothing"
    what = f"{placed.quantity} x {placed.fruit.name_ko} ({placed.fruit.name_en}), {placed.amount:,} won"
    return f"Order {story.order_id} of customer {placed.customer_id}: {what}"


def _aged(finding: Finding, now: datetime) -> str:
    return finding.says + (f" for {plainly(now - finding.since)}" if finding.since else "")


def _facts(story: Story, silent: frozenset[str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("time (UTC)", "fact", "told by", "published", "order", "MyPage"):
        table.add_column(heading, no_wrap=True)
    day = None
    for fact in story.facts():
        if fact.at.date() != day:
            day = fact.at.date()
            table.add_row(Text(f"{day:%Y-%m-%d}", style="dim"))
        table.add_row(
            f"{fact.at.astimezone(UTC):%H:%M:%S.%f}"[:-3],
            Text(fact.type),
            teller(fact),
            _published(fact, story, silent),
            _order_knows(fact, story, silent),
            _page_knows(fact, story, silent),
        )
    return table


def _published(fact: Event, story: Story, silent: frozenset[str]) -> Text:
    if teller(fact) in silent:
        return Text("?", style="yellow")
    if fact.id not in story.own():
        return Text("never said", style="red")
    if fact.id in story.untold():
        return Text("untold", style="red")
    at = story.told().get(fact.id)
    return Text(f"+{plainly(at - fact.at)}") if at else Text("not marked", style="dim")


def _order_knows(fact: Event, story: Story, silent: frozenset[str]) -> Text:
    if "order" in silent:
        return Text("?", style="yellow")
    if teller(fact) == "order":
        return Text("its own", style="dim")
    return Text("heard") if story.order and _has(fact, story.order.facts) else NOT


def _page_knows(fact: Event, story: Story, silent: frozenset[str]) -> Text:
    if "mypage" in silent:
        return Text("?", style="yellow")
    if story.mypage is None or not _has(fact, story.mypage.facts):
        return NOT
    taken_in = {moment.id: moment.at for moment in story.mypage.taken_in}
    return Text(f"+{plainly(taken_in[fact.id] - fact.at)}" if fact.id in taken_in else "taken in")


def _has(fact: Event, facts: Iterable[Event]) -> bool:
    return any(each.id == fact.id for each in facts)


def _rest(story: Story, silent: frozenset[str], now: datetime) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, says in (
        ("payment", "; ".join(_payment(story.payment, now))),
        ("delivery", str(story.delivery.status) if story.delivery else "none"),
        ("MyPage", _shown(story)),
    ):
        table.add_row(name, Text("? did not answer", "yellow") if name.lower() in silent else Text(says))
    table.add_row("next", Text(_next(story, now)))
    return Padding(table, (0, 2), expand=False)


def _payment(payment: PaymentEntry | None, now: datetime) -> Iterator[str]:
    if payment is None:
        yield "none"
        return
    books = payment.account
    times = {0: "never charged", 1: "charged once"}.get(books.charges, f"charged {books.charges} times")
    yield f"{payment.status}"
    yield times + (f", {books.charged:,} won" if books.charges else "")
    if books.given_back:
        yield f"given back: {books.given_back:,} won"
    for what, due in (("a charge", payment.charge_due), ("a refund", payment.refund_due)):
        if due:
            yield f"{what} is due " + (
                f"in {plainly(due - now)}" if due > now else f"for {plainly(now - due)}"
            )


def _shown(story: Story) -> str:
    view = story.mypage and story.mypage.view
    if not view:
        return "shows nothing"
    return f"shows {view.status}, version {view.version}, {'settled' if view.settled else 'not settled yet'}"


def _next(story: Story, now: datetime) -> str:
    coming = story.coming()
    if coming is None:
        return "nothing: its story is over" if story.facts() else "?"
    since = f"{coming.since.astimezone(UTC):%H:%M:%S}"
    waited = f"{coming.type}, by {coming.by}; awaited since {since}, for {plainly(now - coming.since)}"
    return waited + (" (no machine decides when)" if coming.open_ended else "")
