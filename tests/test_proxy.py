"""The links that drills and tests break do what they say."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.proxy import Link, linked
from tests.waiting import until

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def link() -> AsyncIterator[Link]:
    """A link to a server that says what it hears."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, linked(server.sockets[0].getsockname()[1]) as link:
        yield link


@asynccontextmanager
async def connected(link: Link) -> AsyncIterator[Ends]:
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def said_back(ends: Ends, text: bytes = b"hello", within: float = 5) -> bool:
    ends[1].write(text)
    try:
        async with asyncio.timeout(within):
            return await ends[0].readexactly(len(text)) == text
    except TimeoutError:
        return False


async def test_it_carries(link: Link) -> None:
    async with connected(link) as ends:
        assert await said_back(ends)


async def test_it_counts_what_it_carries(link: Link) -> None:
    async with connected(link) as ends:
        assert await said_back(ends, b"hello")
    assert (link.there.carried, link.back.carried) == (5, 5)


async def test_while_it_is_cut_nobody_gets_through(link: Link) -> None:
    async with connected(link) as ends:
        assert await said_back(ends)
        await link.cut()
        assert await ends[0].read() == b""
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", link.port)
    await link.mend()
    async with connected(link) as ends:
        assert await said_back(ends)


async def test_a_reset_breaks_what_is_connected_and_lets_others_through(link: Link) -> None:
    async with connected(link) as ends:
        assert await said_back(ends)
        await link.reset()
        with pytest.raises(ConnectionResetError):
            await ends[0].readexactly(1)
    async with connected(link) as ends:
        assert await said_back(ends)


async def test_what_is_frozen_comes_later(link: Link) -> None:
    async with connected(link) as ends:
        link.freeze()
        assert not await said_back(ends, within=0.1)
        link.thaw()
        assert await ends[0].readexactly(5) == b"hello"


async def test_who_was_forgotten_hears_nothing_and_others_are_let_through(link: Link) -> None:
    async with connected(link) as ends:
        assert await said_back(ends)
        link.forget()
        assert not await said_back(ends, within=0.1)
        assert not ends[0].at_eof()
        async with connected(link) as others:
            assert await said_back(others)
        await link.reset()
        with pytest.raises(ConnectionResetError):
            await ends[0].readexactly(1)


async def test_what_is_slow_takes_its_time(link: Link) -> None:
    async with connected(link) as ends:
        link.delay = 0.1
        began = time.monotonic()
        assert await said_back(ends)
        assert time.monotonic() - began >= 0.2


async def test_a_server_that_is_away_is_as_a_connection_that_is_lost() -> None:
    async with linked(9) as link, connected(link) as ends:
        await until(lambda: ends[0].at_eof() or ends[0].exception())
