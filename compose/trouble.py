"""What stops a command, in one sentence for whoever gave it."""

import contextlib
import sys
from collections.abc import Iterator

import typer


class Trouble(Exception):  # noqa: N818 - it is what the user is in, not what the program did wrong
    """One clear sentence: what is wrong, and what to do about it."""


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
