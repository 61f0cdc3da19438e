"""Has payment's sandbox be slow, failing, full or stopped."""

import json
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import Any

from compose.trouble import Trouble
from schema.requests import SandboxLevers
from services.chassis.trust import Credentials

ANSWER_SECONDS = 10.0


def pull(payment: str, shows: Credentials, changed: dict[str, Any]) -> SandboxLevers:
    """Change these levers, and leave the others; how all stand then. Raises Trouble, ValidationError."""
    now = _ask(payment, shows)
    if not changed:
        return now
    return _ask(payment, shows, SandboxLevers(**{**now.model_dump(), **changed}))


def _ask(payment: str, shows: Credentials, levers: SandboxLevers | None = None) -> SandboxLevers:
    body = levers.model_dump_json().encode() if levers else None
    headers = {"authorization": shows(), "content-type": "application/json"}
    request = urllib.request.Request(  # noqa: S310 # the user's address
        f"{payment}/sandbox", body, headers, method="PUT" if levers else "GET"
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 # as above
            return SandboxLevers(**json.load(answer))
    except urllib.error.HTTPError as error:
        error.close()
        raise Trouble(_refused(error.code)) from error
    except (OSError, ValueError) as error:
        raise Trouble(f"Payment at {payment} does not answer ({type(error).__name__}).") from error


def _refused(status: int) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return "Payment has no levers here: let it have them with PAYMENT_SANDBOX=true."
        case HTTPStatus.UNAUTHORIZED:
            return "Payment has another SERVICE_SECRET: set the one that it has."
        case _:
            return f"Payment answered {status}."
