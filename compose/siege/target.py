"""The gateway under siege: on this machine alone, as somebody who orders meets it."""

import ipaddress
import socket
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from compose.ops import addresses
from compose.trouble import Trouble

ANSWERS_WITHIN = 10.0
"""Seconds that an order may take until it counts as not answered."""

NETWORK = 127 << 24
FIRST = NETWORK + (1 << 16)
"""Users come from 127.1.0.0 on."""


def gateway(url: str | None, directory: Path, environment: Mapping[str, str]) -> str:
    """Where it is. Raises Trouble where none runs, or where it is not on this machine."""
    where = addresses.checked("--url", url) if url else addresses.gateway(directory, environment)
    if not _is_loopback(urlsplit(where).hostname or ""):
        raise Trouble(f"{where} is not on this machine: a siege is laid to a loopback address alone.")
    return where.rstrip("/")


def session(url: str, users: int) -> aiohttp.ClientSession:
    """One for all users. Each connection comes from a loopback address of its own, as users do.

    Otherwise the gateway's limits for one address would be all that is measured.
    """
    connector = aiohttp.TCPConnector(limit=users, socket_factory=Places() if _has_places(url) else None)
    return aiohttp.ClientSession(
        url,
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=ANSWERS_WITHIN),
        headers={"accept-encoding": "identity"},
    )


class Places:
    """Makes sockets that are bound to one loopback address after the other."""

    def __init__(self) -> None:
        self._next = FIRST

    def __call__(self, info: Any) -> socket.socket:
        """A socket of this family, type and protocol, to wherever on this machine."""
        made = socket.socket(*info[:3])
        made.setblocking(False)  # noqa: FBT003 - the library's own signature
        self._next += 1 if self._next & 0xFF < 0xFE else 3  # never .255 or .0
        made.bind((str(ipaddress.IPv4Address(self._next)), 0))
        return made


async def sign_in(http: aiohttp.ClientSession, name: str) -> str:
    """The token of a customer. Raises Trouble where the gateway gives none, or does not answer."""
    try:
        async with http.post("/dev/token", json={"customerId": name}) as response:
            if response.status != HTTPStatus.OK:
                raise Trouble(_no_token(response.status))
            return str((await response.json())["token"])
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Trouble(
            f"The gateway does not answer ({type(error).__name__}): see that it runs, with make up."
        ) from error


def _no_token(status: int) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return "The gateway gives nobody a token here: let it with BFF_DEV_LOGIN=true."
    return f"The gateway answered {status} to somebody who wanted a token."


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _has_places(url: str) -> bool:
    """Whether it is reached over IPv4, where this machine has many addresses."""
    return (urlsplit(url).hostname or "").startswith("127.")
