"""Where a running system is found, and what opens it: by the environment, or by what `fruitstore up` left."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from compose.directory import SERVICE_FILE
from compose.trouble import Trouble
from services.chassis.settings import SECRETS_DIRECTORY
from services.chassis.trust import Credentials, credentials

VARIABLES = ("ORDER_URL", "PAYMENT_URL", "DELIVERY_URL", "MYPAGE_URL", "RABBITMQ_URL")

AMONG_SECRETS = ("RABBITMQ_URL", "SERVICE_SECRET")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The four services, the broker, and the secret by which services know one another."""

    order: str
    payment: str
    delivery: str
    mypage: str
    rabbitmq: str
    service_secret: str = field(repr=False)

    def shows(self, service: str) -> Credentials:
        """What is shown to a service so that it answers."""
        return credentials("fruitstore", service, self.service_secret)


def told(environment: Mapping[str, str]) -> dict[str, str]:
    """What the environment says, and else a container's secrets."""
    folder = Path(environment.get(SECRETS_DIRECTORY, "/run/secrets"))
    files = {name: folder / name.lower() for name in AMONG_SECRETS}
    secrets = {name: file.read_text().strip() for name, file in files.items() if file.is_file()}
    return secrets | {name: value for name, value in environment.items() if value}


def found(directory: Path, environment: Mapping[str, str]) -> Addresses:
    """The addresses of the system to operate. Raises Trouble where there is none.

    What the environment or a container's secrets say comes before what runs in the directory.
    """
    environment = told(environment)
    named = {name: environment[name] for name in VARIABLES if environment.get(name)}
    if len(named) < len(VARIABLES):
        named = _of_stack(directory, named) | named
    sound = [checked(name, named[name]) for name in VARIABLES]
    return Addresses(*[*sound, service_secret(directory, environment)])


def gateway(directory: Path, environment: Mapping[str, str]) -> str:
    """Where the gateway is: BFF_URL, or that of the stack. Raises Trouble where there is none."""
    if url := environment.get("BFF_URL"):
        return checked("BFF_URL", url)
    found = _parts_of_stack(directory, ("BFF_URL",))
    if "BFF_URL" not in found:
        raise Trouble(_without(directory, ("BFF_URL",)))
    return found["BFF_URL"]


def service_secret(directory: Path, environment: Mapping[str, str]) -> str:
    """SERVICE_SECRET, or that of the stack. Raises Trouble where there is none."""
    if secret := told(environment).get("SERVICE_SECRET"):
        return secret
    try:
        return (directory / SERVICE_FILE).read_text()
    except OSError as error:
        raise Trouble(
            f"There is no {SERVICE_FILE} in {directory}: name the stack's folder with --directory,"
            " or set SERVICE_SECRET."
        ) from error


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
    found = _parts_of_stack(directory, _missing(named))
    if absent := _missing({**found, **named}):
        raise Trouble(_without(directory, absent))
    return found


def _parts_of_stack(directory: Path, missing: Sequence[str]) -> dict[str, str]:
    """The addresses in a stack.json. Raises Trouble where there is none; `missing` are to be set then."""
    instead = ", ".join(missing)
    try:
        state: Any = json.loads((directory / "stack.json").read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise Trouble(
            f"No stack is running in {directory}: start one with make up, name its folder with --directory,"
            f" or set {instead}."
        ) from error
    try:
        urls = {f"{name.upper()}_URL": str(part["url"]) for name, part in state["parts"].items()}
        return urls | {"RABBITMQ_URL": str(state["rabbitmq_url"])}
    except (LookupError, TypeError, AttributeError) as error:
        raise Trouble(
            f"{directory / 'stack.json'} is not what a running stack writes: start one with make up,"
            f" or set {instead}."
        ) from error


def _without(directory: Path, absent: Sequence[str]) -> str:
    return f"The stack in {directory} runs without some parts: set {', '.join(absent)} as well."


def _missing(named: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in VARIABLES if name not in named)
