"""`fruitstore sign-out` and `service-token`: who may ask, and who may not any more."""

import os
from typing import Annotated

import typer

from compose.ops.commands import STACK, Directory
from compose.trouble import Trouble, trouble_in_a_sentence


def sign_out(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")],
    directory: Directory = STACK,
) -> None:
    """Make all tokens void that a customer has been given up to now; open streams end within seconds."""
    with trouble_in_a_sentence():
        from compose.ops import addresses
        from compose.ops import sign_out as signing_out
        from compose.ops.plain import visible

        gateway = addresses.gateway(directory, os.environ)
        signing_out.sign_out(gateway, addresses.service_secret(directory, os.environ), customer)
        typer.echo(f"All tokens that customer {visible(customer)} had are void.")


def service_token(
    part: Annotated[str, typer.Argument(metavar="PART", help="Whom to ask: order, payment, …")],
    directory: Directory = STACK,
) -> None:
    """Print a token with which a part answers for a minute, as it answers the others: for use with curl."""
    with trouble_in_a_sentence():
        from compose.ops import addresses
        from compose.topology import MODULES
        from services.chassis.trust import credentials

        if part not in MODULES:
            raise Trouble(f"There is no part {part}: the parts are {', '.join(MODULES)}.")
        secret = addresses.service_secret(directory, os.environ)
        typer.echo(credentials("fruitstore", part, secret)().removeprefix("Bearer "))
