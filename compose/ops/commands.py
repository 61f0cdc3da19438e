"""`fruitstore audit`, `trace` and `rebuild-mypage`: for whoever operates a system that runs."""

import math
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from compose.trouble import trouble_in_a_sentence

DIRECTORY = "The folder of the running stack; addresses in the environment (ORDER_URL, …) come first."
STACK = Path(".fruitstore")

Directory = Annotated[Path, typer.Option(help=DIRECTORY)]


def a_number(seconds: float) -> float:
    """What the bounds of an option let through. Raises BadParameter for what is no number."""
    if math.isnan(seconds):
        raise typer.BadParameter("nan is no number of seconds.")
    return seconds


Grace = Annotated[
    float,
    typer.Option(
        help="Seconds after which what is still to be done counts as stuck; a year at most.",
        min=0,
        max=366 * 86400,
        callback=a_number,
    ),
]


def audit(
    directory: Directory = STACK,
    grace: Grace = 60,
    order: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Audit this order alone; can be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, an object a line.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Audit again and again until Ctrl-C; print what is new.")
    ] = False,
    every: Annotated[
        float,
        typer.Option(
            help="With --watch: seconds from one to the next.", min=0.1, max=86400, callback=a_number
        ),
    ] = 10,
) -> None:
    """Compare what order, payment, delivery and MyPage say of every order, and find what must not be.

    Exit status 0: every order is in order, or young. 1: something is wrong or stuck; it is printed with its
    story. 2: it could not be audited, with --watch: not once. It only reads, and may run beside everything.
    """
    with trouble_in_a_sentence(status=2):
        from datetime import timedelta

        from compose.ops import addresses, audit_screen

        found = addresses.found(directory, os.environ)
        wish = audit_screen.Wish(found, timedelta(seconds=grace), tuple(order or ()), as_json)
        clean = audit_screen.until_interrupted(wish, every) if watch else audit_screen.once(wish)
        if not clean:
            sys.exit(1)


def trace(
    order_id: Annotated[str, typer.Argument(metavar="ORDER_ID", help="The order's id.")],
    directory: Directory = STACK,
    grace: Grace = 60,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell one order's story: its facts, who knows them since when, the money, and what comes next."""
    with trouble_in_a_sentence():
        from datetime import timedelta

        from compose.ops import addresses
        from compose.ops import trace as tracing

        found = addresses.found(directory, os.environ)
        tracing.show(found, order_id, timedelta(seconds=grace), as_json=as_json)


def rebuild_mypage(
    directory: Directory = STACK,
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
        from compose.ops import addresses, rebuild
        from compose.ops.sheet import console

        found = addresses.found(directory.absolute(), os.environ)
        if not look:
            rebuild.start(found, despite_differences=despite_differences)
        rebuild.watch(found, console())
