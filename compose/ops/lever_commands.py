"""`fruitstore levers`: a payment provider that misbehaves, to try out what becomes of orders then."""

import os
from typing import Annotated

import typer

from compose.ops.commands import STACK, Directory
from compose.trouble import Trouble, trouble_in_a_sentence

Ms = Annotated[
    int | None,
    typer.Option(metavar="MS", min=0, max=600_000, help="How long a charge takes.", show_default=False),
]


def levers(
    latency_min: Ms = None,
    latency_max: Ms = None,
    failure_rate: Annotated[
        float | None, typer.Option(min=0, max=1, help="The share of charges that fails.", show_default=False)
    ] = None,
    capacity: Annotated[
        int | None,
        typer.Option(min=1, max=100_000, help="Charges at once, per replica; more wait.", show_default=False),
    ] = None,
    stopped: Annotated[
        bool | None,
        typer.Option("--stopped/--going", help="Refuse all charges.", show_default=False),
    ] = None,
    directory: Directory = STACK,
) -> None:
    """Pull the levers of payment's sandbox, and show how they stand: those that are not named stay.

    All replicas of payment follow within a second.
    """
    with trouble_in_a_sentence():
        from pydantic import ValidationError

        from compose.ops import addresses
        from compose.ops import levers as pulling

        where = addresses.found(directory, os.environ)
        given = {
            "latency_ms_min": latency_min,
            "latency_ms_max": latency_max,
            "failure_rate": failure_rate,
            "capacity": capacity,
            "stopped": stopped,
        }
        changed = {name: value for name, value in given.items() if value is not None}
        try:
            stand = pulling.pull(where.payment, where.shows("payment"), changed)
        except ValidationError as error:
            raise Trouble(f"{error.errors()[0]['msg']}.") from None
        typer.echo("\n".join(f"{name:15} {value}" for name, value in stand.model_dump().items()))
