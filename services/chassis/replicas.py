"""The replicas behind a service's address: where they are, and a connection to any of them."""

import asyncio
import random
import socket
import ssl
from typing import Final

from yarl import URL

from services.chassis.calling import Connection, UnreachableError

KNOWN_SECONDS: Final = 1
"""How long an address may be believed: replicas come and go."""

NEXT_AFTER_SECONDS: Final = 0.25
"""How long one replica may take to let us in before another is tried."""

Place = tuple[int, str, int]
"""A family of addresses, an address of it, and a port."""


class Replicas:
    """Whoever is found at an address, in turns: the system would always name the same one first."""

    def __init__(self, address: URL) -> None:
        self._address = address
        self._ssl = ssl.create_default_context() if address.scheme == "https" else None
        self._known: list[Place] = []
        self._known_until = 0.0

    async def connected(self) -> Connection:
        """A new connection, to any replica that lets us in. Raises UnreachableError."""
        try:
            *others, last = await self._found()
            for each in others:
                try:
                    async with asyncio.timeout(NEXT_AFTER_SECONDS):
                        return await self._connected_to(each)
                except OSError:  # TimeoutError is one
                    continue
            return await self._connected_to(last)
        except OSError as error:
            raise UnreachableError(str(error)) from error

    async def _connected_to(self, place: Place) -> Connection:
        family, host, port = place
        name = self._address.host if self._ssl else None
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            Connection, host, port, family=family, ssl=self._ssl, server_hostname=name
        )
        return connection

    async def _found(self) -> list[Place]:
        loop, address = asyncio.get_running_loop(), self._address
        if loop.time() >= self._known_until:
            found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
            self._known = [(each[0], str(each[4][0]), int(each[4][1])) for each in found]
            self._known_until = loop.time() + KNOWN_SECONDS
        return random.sample(self._known, len(self._known))
