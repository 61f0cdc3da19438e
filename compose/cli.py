"""The `fruitstore` command. What a command does is imported when it runs, so that --help is fast."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from compose.ops import commands, letter_commands, lever_commands, trust_commands
from compose.profiling import commands as profiling_commands
from compose.siege import commands as siege_commands
from compose.trouble import Trouble, trouble_in_a_sentence

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
        from compose.web import build

        ports = Ports.counting_from(port, mongod=mongo_port, rabbitmq=rabbitmq_port)
        topology = Topology(directory.absolute(), ports, os.environ, _parts(without or []))
        run(topology, fresh=fresh, screen=Screen(), pages=build)


@app.command()
def install(
    for_tests: Annotated[
        bool, typer.Option("--for-tests", help="What tests need too: Node, npm, Chromium, Prometheus; pages.")
    ] = False,
) -> None:
    """See to it that mongod and RabbitMQ can run here; root on Debian or Ubuntu gets them installed."""
    with trouble_in_a_sentence():
        from compose import install, mongod, rabbitmq, web

        install.have(("mongod", "rabbitmq", *(("node", "npm") if for_tests else ())), typer.echo)
        if for_tests:
            install.have_if_possible(("chromium", "korean"), typer.echo)
            install.have_if_possible(("promtool",), typer.echo)
            web.build_if_possible(typer.echo)
        typer.echo(f"mongod: {mongod.find()}")
        typer.echo(f"rabbitmq: {rabbitmq.find()}")


@app.command()
def prepare() -> None:
    """Set MongoDB and RabbitMQ up for the parts: replica set, users, exchanges, queues, indexes.

    For containers: `compose/compose.yaml` runs it before the parts. To run it again changes nothing, save the
    passwords, which become those that the secrets say.
    """
    with trouble_in_a_sentence():
        from compose.preparing import job

        asyncio.run(job.prepare(typer.echo))


@app.command()
def settings(
    example: Annotated[
        bool,
        typer.Option("--example", help="Print compose/.env.example instead: all, commented out."),
    ] = False,
) -> None:
    """Print the table of settings, in Markdown: each an environment variable."""
    from compose import example as examples
    from compose import settings

    typer.echo(examples.text() if example else settings.markdown(), nl=not example)


@app.command()
def metrics() -> None:
    """Print the table of metrics, in Markdown: what each part shows at /metrics."""
    from compose import metrics

    typer.echo(metrics.markdown())


app.command()(commands.audit)
app.command()(commands.trace)
app.command()(lever_commands.levers)
app.command()(profiling_commands.profile)
app.command()(siege_commands.siege)
app.command("rebuild-mypage")(commands.rebuild_mypage)
app.command("sign-out")(trust_commands.sign_out)
app.command("service-token")(trust_commands.service_token)
app.add_typer(letter_commands.letters, name="dead-letters")

pages = typer.Typer(help="The pages that the gateway serves.", no_args_is_help=True)
app.add_typer(pages, name="web")


@pages.callback()
def about_pages() -> None:
    """Keep `fruitstore web COMMAND` a command with commands."""


@pages.command("build")
def build_pages() -> None:
    """Build the storefront, the operations page and GraphiQL with Node.js, unless nothing has changed.

    A gateway that runs has read its pages already: it shows these when it is started again.
    """
    with trouble_in_a_sentence():
        from compose import web

        asyncio.run(web.build(typer.echo))
        typer.echo(f"pages: {web.Sources().dist}")


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


@schema.command("compare")
def compare_schema() -> None:
    """Compare the API and the events with the last release: what breaks clients has to be accepted there."""
    with trouble_in_a_sentence():
        from compose import compare

        try:
            found = compare.compared()
        except compare.UnreasonedError as error:
            raise Trouble(str(error)) from error
        for change in found.dangerous:
            typer.echo(f"dangerous: {change}")
        for change in set(found.breaking) - set(found.unmeant):
            typer.echo(f"breaking, accepted: {change} ({found.accepted[change]})")
        if found.unmeant:
            raise Trouble(f"This breaks who uses the last release: {' '.join(found.unmeant)}")
        if found.unmatched:
            raise Trouble(
                f"schema/released/accepted.txt accepts what is no change: {' '.join(found.unmatched)}"
            )
        typer.echo("Nothing breaks who uses the last release.")


def _parts(names: list[str]) -> frozenset[str]:
    from compose.topology import MODULES

    if unknown := set(names) - set(MODULES):
        raise Trouble(f"There is no part {', '.join(sorted(unknown))}: the parts are {', '.join(MODULES)}.")
    return frozenset(names)
