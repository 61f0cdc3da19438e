"""The replicas behind a service's address: where they are, and a connection to any of them."""

import asyncio
import random
import socket
import ssl
from collections.abc import Sequence
from typing import Final

from aiohappyeyeballs import AddrInfoType, start_connection
from yarl import URL

from services.chassis.calling import Connection, UnreachableError

KNOWN_SECONDS: Final = 1
"""How long an address may be believed: replicas come and go."""

NEXT_AFTER_SECONDS: Final = 0.1
"""How long one replica may take to let us in before another is tried, too."""

AT_MOST_SECONDS: Final = 0.5
"""How long the last one may: a name may still lead to one that is gone, and soon lead to others."""


class Replicas:
    """Whoever is found at an address, in turns: the system would always name the same one first."""

    def __init__(self, address: URL) -> None:
        self._address = address
        self._ssl = ssl.create_default_context() if address.scheme == "https" else None
        self._known: Sequence[AddrInfoType] = ()
        self._known_until = 0.0

    async def connected(self) -> Connection:
        """A new connection, to whichever replica lets us in first. Raises UnreachableError."""
        loop, name = asyncio.get_running_loop(), self._address.host if self._ssl else None
        try:
            found = await self._found()
            async with asyncio.timeout(AT_MOST_SECONDS + NEXT_AFTER_SECONDS * (len(found) - 1)):
                ours = await start_connection(found, happy_eyeballs_delay=NEXT_AFTER_SECONDS)
                _, connection = await loop.create_connection(
                    Connection, sock=ours, ssl=self._ssl, server_hostname=name
                )
        except OSError as error:  # TimeoutError is one
            raise UnreachableError(str(error)) from error
        return connection

    async def _found(self) -> list[AddrInfoType]:
        loop, address = asyncio.get_running_loop(), self._address
        if loop.time() >= self._known_until:
            self._known = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
            self._known_until = loop.time() + KNOWN_SECONDS
        return random.sample(self._known, len(self._known))
