"""`fruitstore siege`: how many orders the system takes, and whether what it says of them is true."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from compose.ops.commands import STACK, Directory, a_number
from compose.trouble import trouble_in_a_sentence


def siege(
    users: Annotated[int, typer.Option(help="How many order at once.", min=1, max=2000)] = 100,
    seconds: Annotated[float, typer.Option(help="For how long.", min=1, max=3600, callback=a_number)] = 90,
    payment: Annotated[
        str,
        typer.Option(metavar="MS[-MS]", help="How long a payment takes, in milliseconds: 500 or 400-620."),
    ] = "400-620",
    failing: Annotated[
        float,
        typer.Option(metavar="PERCENT", help="How many payments fail.", min=0, max=100, callback=a_number),
    ] = 0,
    capacity: Annotated[
        int | None,
        typer.Option(
            help="How many payments there can be at once; more wait.", min=1, max=100_000, show_default="any"
        ),
    ] = None,
    think: Annotated[
        float,
        typer.Option(
            metavar="MS",
            help="How long a user thinks before ordering again; 0: orders again at once.",
            min=0,
            max=60_000,
            callback=a_number,
        ),
    ] = 0,
    patient: Annotated[
        bool,
        typer.Option("--patient", help="Who hears PaymentUnavailable waits as it says, and not think alone."),
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page with a picture of it, over time.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
    no_audit: Annotated[
        bool, typer.Option("--no-audit", help="Do not compare afterwards what was told with what is.")
    ] = False,
    url: Annotated[
        str | None,
        typer.Option(help="The gateway, on this machine.", show_default="BFF_URL, or the stack's"),
    ] = None,
    directory: Directory = STACK,
) -> None:
    """Have many users order at once, and say how they were answered, how soon, and whether it was true.

    Payment's sandbox behaves as the options say meanwhile, and as before afterwards, also after Ctrl-C. The
    orders stay: lay siege to a system that is for trying out. An outcome is a good answer, an error is none.
    Afterwards everything told is compared with what all services say, and they are audited.

    Exit status 0: every answer was good and true. 1: one was not, or the audit found something. 2: there was
    no siege, or it could not be audited.
    """
    with trouble_in_a_sentence(status=2):
        from compose.ops import addresses
        from compose.siege import screen, target
        from compose.siege.plan import Plan, Span

        plan = Plan(users, seconds, Span.of(payment), failing / 100, capacity, think / 1000, patient)
        gateway = target.gateway(url, directory, os.environ)
        where = addresses.found(directory, os.environ)
        wish = screen.Wish(plan, gateway, where, directory, plot, not no_audit, as_json)
        if not screen.run(wish):
            sys.exit(1)
