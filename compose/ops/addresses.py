"""Where a running system is found: by the environment, or by the stack.json of `fruitstore up`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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
    return Addresses(*(checked(name, named[name]) for name in VARIABLES))


def checked(name: str, url: str) -> str:
    """An address, by the name of its variable. Raises Trouble where it cannot be one."""
    schemes = ("amqp", "amqps") if name == "RABBITMQ_URL" else ("http", "https")
    try:
        parts = urlsplit(url)
        sound = parts.scheme in schemes and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or any(each.isspace() or not each.isprintable() for each in url):
        raise Trouble(f"{name} is no address: say one like {schemes[0]}://HOST:PORT.")
    return url


def _of_stack(directory: Path, named: Mapping[str, str]) -> dict[str, str]:
    try:
        state: Any = json.loads((directory / "stack.json").read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise Trouble(
            f"No stack is running in {directory}: start one with make up, name its folder with --directory,"
            f" or set {_missing(named)}."
        ) from error
    try:
        urls = {f"{name.upper()}_URL": str(part["url"]) for name, part in state["parts"].items()}
        found = urls | {"RABBITMQ_URL": str(state["rabbitmq_url"])}
    except (LookupError, TypeError, AttributeError) as error:
        raise Trouble(
            f"{directory / 'stack.json'} is not what a running stack writes: start one with make up,"
            f" or set {_missing(named)}."
        ) from error
    if absent := _missing({**found, **named}):
        raise Trouble(f"The stack in {directory} runs without some parts: set {absent} as well.")
    return found


def _missing(named: Mapping[str, str]) -> str:
    return ", ".join(name for name in VARIABLES if name not in named)
