"""`fruitstore dead-letters`: what services set aside, looked at, sent again, or thrown away."""

import os
from typing import Annotated

import typer

from compose.ops.commands import STACK, Directory
from compose.trouble import trouble_in_a_sentence

letters = typer.Typer(help="Messages that services could not take in.", no_args_is_help=True)

Hearer = Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this service.")]
Which = Annotated[str | None, typer.Argument(metavar="ID", help="As `list` shows it.", show_default=False)]


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
