"""Requests to one of them, so many, over so many connections; and whether all answer the same."""

import asyncio
import itertools
import re
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from tests.bench.side_by_side.data import customers
from tests.bench.side_by_side.peers import Peer, headers_of

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|\+00:00)?")


class Load:
    """Customers who ask for the same document, one after another."""

    def __init__(self, session: aiohttp.ClientSession, document: str, connections: int) -> None:
        self._session = session
        self._body = orjson.dumps({"query": document})
        self._connections = connections
        self._headers = [headers_of(customer) for customer in customers()]

    async def on(self, peer: Peer, requests: int) -> None:
        """Ask so often. Raises AssertionError for anything but a whole answer."""
        numbers = iter(range(requests))

        async def connection() -> None:
            for number in numbers:
                await self._asked(peer, number)

        await asyncio.gather(*(connection() for _ in range(self._connections)))

    async def answer(self, peer: Peer) -> Any:
        """What one customer is told, in a form in which all say the same."""
        return alike(orjson.loads(await self._asked(peer, 0)))

    async def _asked(self, peer: Peer, number: int) -> bytes:
        headers = self._headers[number % len(self._headers)]
        async with self._session.post(peer.url, data=self._body, headers=headers) as response:
            said = await response.read()
        assert response.status == 200, said[:500]
        assert b'"errors"' not in said, said[:500]
        return said


def alike(said: Any) -> Any:
    """Without what may be written in more than one way: dates, and the end of base64."""
    match said:
        case Mapping():
            return {name: alike(each) for name, each in said.items() if name != "extensions"}
        case list():
            return [alike(each) for each in said]
        case str() if MOMENT.fullmatch(said):
            whole, _, fraction = re.split(r"Z|\+", said)[0].partition(".")
            return f"{whole}.{fraction.ljust(6, '0')[:3]}"
        case str():
            return said.rstrip("=")
        case _:
            return said


def turns(names: list[str], rounds: int) -> list[tuple[int, str]]:
    """Who is when: each in each round, in an order that changes from round to round."""
    shifted = (names[number % len(names) :] + names[: number % len(names)] for number in range(rounds))
    return list(itertools.chain.from_iterable(((n, name) for name in row) for n, row in enumerate(shifted)))
