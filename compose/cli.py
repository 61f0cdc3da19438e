"""The `fruitstore` command. What a command does is imported when it runs, so that --help is fast."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from compose.trouble import Trouble

app = typer.Typer(
    help="Fruitstore: order fruit, pay, watch it come, change your mind.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

PORT = "The first of nine in a row: BFF, order, payment, delivery, mypage, mongod, RabbitMQ (three)."


@app.callback()
def main() -> None:
    """Keep `fruitstore COMMAND` a command with commands, however many there are."""


@app.command()
def up(
    port: Annotated[int, typer.Option(help=PORT, min=1, max=65527)] = 8000,
    mongo_port: Annotated[int | None, typer.Option(help="mongod's port.", show_default="--port + 5")] = None,
    rabbitmq_port: Annotated[
        int | None, typer.Option(help="RabbitMQ's port.", show_default="--port + 6")
    ] = None,
    directory: Annotated[
        Path, typer.Option(help="Where data, logs and stack.json are kept between runs.")
    ] = Path(".fruitstore"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what earlier runs left there.")] = False,
    without: Annotated[
        list[str] | None, typer.Option(metavar="PART", help="Leave this part out, to run it yourself.")
    ] = None,
) -> None:
    """Run everything here, in the foreground: mongod, RabbitMQ, the four services and the BFF.

    A server is not started where MONGO_URL or RABBITMQ_URL names one to use. Every other setting of the parts
    that is in the environment is passed on to them. Ctrl-C stops everything and leaves nothing running.
    """
    with trouble_in_a_sentence():
        from compose.screen import Screen
        from compose.topology import Ports, Topology
        from compose.up import up as run

        ports = Ports.counting_from(port, mongod=mongo_port, rabbitmq=rabbitmq_port)
        topology = Topology(directory.absolute(), ports, os.environ, _parts(without or []))
        run(topology, fresh=fresh, screen=Screen())


@app.command()
def install() -> None:
    """See to it that mongod and RabbitMQ can run here; root on Debian or Ubuntu gets them installed."""
    with trouble_in_a_sentence():
        from compose import install, mongod, rabbitmq

        install.have(("mongod", "rabbitmq"), typer.echo)
        typer.echo(f"mongod: {mongod.find()}")
        typer.echo(f"rabbitmq: {rabbitmq.find()}")


@app.command()
def settings() -> None:
    """Print the table of settings, in Markdown: each an environment variable."""
    from compose import settings

    typer.echo(settings.markdown())


@app.command("rebuild-mypage")
def rebuild_mypage(
    directory: Annotated[
        Path, typer.Option(help="The folder of the running stack; the environment's addresses come first.")
    ] = Path(".fruitstore"),
    despite_differences: Annotated[
        bool, typer.Option("--despite-differences", help="Swap the new pages in even where they differ.")
    ] = False,
    look: Annotated[
        bool, typer.Option("--look", help="Start nothing: watch the rebuild that is under way, or was last.")
    ] = False,
) -> None:
    """Make all pages of MyPage anew from the feeds of order, payment and delivery, and swap them in.

    Orders go on, and pages are read, meanwhile. The new pages are compared with the live ones first: where
    they differ, that is printed, nothing is swapped, and the exit status is 1. Interrupted, start it again.
    """
    with trouble_in_a_sentence():
        from rich.console import Console

        from compose.ops import addresses, rebuild

        url = addresses.found(directory.absolute(), os.environ).mypage
        if not look:
            rebuild.start(url, despite_differences=despite_differences)
        rebuild.watch(url, Console())


DIRECTORY = "Where the stack runs, unless the environment names the services (ORDER_URL, …)."
GRACE = "Seconds after which what is still to be done counts as stuck."


@app.command()
def audit(
    directory: Annotated[Path, typer.Option(help=DIRECTORY)] = Path(".fruitstore"),
    grace: Annotated[float, typer.Option(help=GRACE, min=0)] = 60,
    order: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Audit this order alone; can be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, an object a line.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Audit again and again until Ctrl-C; print what is new.")
    ] = False,
    every: Annotated[float, typer.Option(help="With --watch: seconds from one to the next.", min=0.1)] = 10,
) -> None:
    """Compare what order, payment, delivery and MyPage say of every order, and find what must not be.

    Exit status 0: every order is in order, or young. 1: something is wrong or stuck; it is printed with its
    story. 2: it could not be audited. It only reads, and may run beside everything.
    """
    with trouble_in_a_sentence(status=2):
        from datetime import timedelta

        from compose.ops import addresses, audit_screen

        found = addresses.found(directory, os.environ)
        wish = audit_screen.Wish(found, timedelta(seconds=grace), tuple(order or ()), as_json)
        clean = audit_screen.until_interrupted(wish, every) if watch else audit_screen.once(wish)
        if not clean:
            sys.exit(1)


@app.command()
def trace(
    order_id: Annotated[str, typer.Argument(help="The order's id.")],
    directory: Annotated[Path, typer.Option(help=DIRECTORY)] = Path(".fruitstore"),
    grace: Annotated[float, typer.Option(help=GRACE, min=0)] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell one order's story: its facts, who knows them since when, the money, and what comes next."""
    with trouble_in_a_sentence():
        from datetime import timedelta

        from compose.ops import addresses
        from compose.ops import trace as tracing

        found = addresses.found(directory, os.environ)
        tracing.show(found, order_id, timedelta(seconds=grace), as_json=as_json)


schema = typer.Typer(help="The language that the parts speak.", no_args_is_help=True)
app.add_typer(schema, name="schema")


@schema.callback()
def about_schema() -> None:
    """Keep `fruitstore schema COMMAND` a command with commands."""


@schema.command("export")
def export_schema(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where files are not true.")
    ] = False,
) -> None:
    """Write SDL, AsyncAPI and JSON Schema to schema/exported, from the code that speaks them."""
    with trouble_in_a_sentence():
        from compose import export

        changed = export.drift() if check else export.write()
        if check and changed:
            names = ", ".join(changed)
            raise Trouble(
                f"schema/exported is not what the code says ({names}): run fruitstore schema export."
            )
        typer.echo("\n".join(changed) if changed else "schema/exported is what the code says.")


letters = typer.Typer(help="Messages that services could not take in.", no_args_is_help=True)
app.add_typer(letters, name="dead-letters")

Hearer = Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this service.")]
Directory = Annotated[Path, typer.Option(help="The folder of the stack, unless RABBITMQ_URL says where.")]
Which = Annotated[str | None, typer.Argument(metavar="ID", help="As `list` shows it.", show_default=False)]
STACK = Path(".fruitstore")


@letters.command("list")
def list_letters(
    hearer: Hearer = None,
    directory: Directory = STACK,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show which messages were set aside, by whom and why; all of them stay where they are."""
    with trouble_in_a_sentence():
        from compose.ops import letter
        from compose.ops.dead_letters import Post

        found = Post.found(directory, os.environ, hearer).letters()
        typer.echo(letter.as_json(found) if as_json else letter.as_table(found))


@letters.command("show")
def show_letter(
    which: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
    hearer: Hearer = None,
    directory: Directory = STACK,
) -> None:
    """Show all that is known of one: its story, its headers, its body."""
    with trouble_in_a_sentence():
        from compose.ops import letter
        from compose.ops.dead_letters import Post

        post = Post.found(directory, os.environ, hearer)
        typer.echo(letter.in_full(post.chosen(which, everything=False)[0]))


@letters.command()
def redrive(
    which: Which = None,
    everything: Annotated[bool, typer.Option("--all", help="All there are now.")] = False,
    hearer: Hearer = None,
    directory: Directory = STACK,
) -> None:
    """Send one, or all, to their service again, as if they had never failed.

    Killed midway, some may be sent twice, which does no harm, and none is lost.
    """
    with trouble_in_a_sentence():
        from compose.ops import letter
        from compose.ops.dead_letters import Post

        post = Post.found(directory, os.environ, hearer)
        sent = post.redrive(post.chosen(which, everything=everything))
        typer.echo(f"Sent again: {letter.counted(sent)}.")


@letters.command()
def discard(
    which: Which = None,
    everything: Annotated[bool, typer.Option("--all", help="All there are now.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    hearer: Hearer = None,
    directory: Directory = STACK,
) -> None:
    """Throw one, or all, away for good."""
    with trouble_in_a_sentence():
        from compose.ops import letter
        from compose.ops.dead_letters import Post

        post = Post.found(directory, os.environ, hearer)
        chosen = post.chosen(which, everything=everything)
        if chosen and not yes:
            typer.confirm(f"Throw away {letter.counted(chosen)}, for good?", abort=True)
        typer.echo(f"Thrown away: {letter.counted(post.discard(chosen))}.")


def _parts(names: list[str]) -> frozenset[str]:
    from compose.topology import MODULES

    if unknown := set(names) - set(MODULES):
        raise Trouble(f"There is no part {', '.join(sorted(unknown))}: the parts are {', '.join(MODULES)}.")
    return frozenset(names)


@contextlib.contextmanager
def trouble_in_a_sentence(status: int = 1) -> Iterator[None]:
    """Tell trouble in its one sentence, and leave with this exit status."""
    try:
        yield
    except Trouble as trouble:
        typer.echo(f"fruitstore: {trouble}", err=True)
        sys.exit(status)
    except KeyboardInterrupt:
        sys.exit(130)
