"""Where a running system is found: by the environment, or by the stack.json of `fruitstore up`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compose.trouble import Trouble

VARIABLES = ("ORDER_URL", "PAYMENT_URL", "DELIVERY_URL", "MYPAGE_URL", "RABBITMQ_URL")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The four services, and the broker."""

    order: str
    payment: str
    delivery: str
    mypage: str
    rabbitmq: str


def found(directory: Path, environment: Mapping[str, str]) -> Addresses:
    """The addresses of the system to operate. Raises Trouble where there is none.

    What the environment names comes before what runs in the directory.
    """
    named = {name: environment[name] for name in VARIABLES if environment.get(name)}
    if len(named) < len(VARIABLES):
        named = _of_stack(directory, named) | named
    return Addresses(*(named[name] for name in VARIABLES))


def _of_stack(directory: Path, named: Mapping[str, str]) -> dict[str, str]:
    try:
        state: dict[str, Any] = json.loads((directory / "stack.json").read_text())
    except (OSError, ValueError) as error:
        missing = ", ".join(name for name in VARIABLES if name not in named)
        raise Trouble(
            f"No stack is running in {directory}: start one with make up, name its folder with --directory,"
            f" or set {missing}."
        ) from error
    parts = state["parts"]
    urls = {f"{name.upper()}_URL": part["url"] for name, part in parts.items()}
    return urls | {"RABBITMQ_URL": state["rabbitmq_url"]}
