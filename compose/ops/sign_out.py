"""Has the gateway make void all tokens of a customer."""

import json
import urllib.error
import urllib.request
from http import HTTPStatus

from compose.trouble import Trouble
from services.chassis.trust import credentials

ANSWER_SECONDS = 10.0


def sign_out(gateway: str, secret: str, customer: str) -> None:
    """Ask the gateway, at its address. Raises Trouble where it is not certain that it did it."""
    body = json.dumps({"customerId": customer}).encode()
    headers = {
        "authorization": credentials("fruitstore", "bff", secret)(),
        "content-type": "application/json",
    }
    request = urllib.request.Request(f"{gateway}/auth/sign-out", body, headers)  # noqa: S310 # the user's
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):  # noqa: S310 # as above
            return
    except urllib.error.HTTPError as error:
        error.close()  # it is the answer, too, and holds the connection
        raise Trouble(_refused(error.code)) from error
    except (OSError, ValueError) as error:
        raise Trouble(
            f"The gateway at {gateway} does not answer ({type(error).__name__}):"
            " see that it runs, and ask again."
        ) from error


def _refused(status: int) -> str:
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return "The gateway has another SERVICE_SECRET: set the one that it has."
        case HTTPStatus.BAD_REQUEST:
            return "A customer's id has 1 to 100 characters: check it."
        case _:
            return f"The gateway answered {status}: nobody was signed out for certain; ask again."
