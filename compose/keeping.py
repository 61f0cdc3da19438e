"""Asks a broker whether it still keeps what it is given: its connections may live on when that has ended."""

import asyncio
import secrets
from typing import Any

import aiormq
from aiormq.exceptions import AMQPError

QUEUES = "fruitstore.alive"
"""How the names of the queues begin that are asked; nothing is ever in them."""

PATIENCE = 5.0
"""Seconds it may take to answer."""

ARGUMENTS: dict[str, Any] = {"x-queue-type": "quorum", "x-expires": 300_000}


class Keeping:
    """Whether a quorum queue can be asked for a message, which takes a word in the log of all such queues.

    On a disk that was full RabbitMQ's log ends for good while the node goes on to accept connections. What
    only an alarm forbids (a disk that is getting full) is no reason to start it anew, and is not asked for.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._queue = _fresh()

    async def __call__(self) -> bool:
        """Ask; a queue that did not answer may be hurt alone, so the next time it is another."""
        keeps = await self._keeps()
        if not keeps:
            self._queue = _fresh()
        return keeps

    async def _keeps(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ask()
        except (AMQPError, OSError, TimeoutError, RuntimeError):
            return False
        except asyncio.CancelledError:  # aiormq cancels whoever waits for a connection that closes
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return False
        return True

    async def _ask(self) -> None:
        connection = await aiormq.connect(self._url)
        try:
            channel = await connection.channel(publisher_confirms=False)
            await channel.queue_declare(self._queue, durable=True, arguments=ARGUMENTS)
            await channel.basic_get(self._queue, no_ack=True)
        finally:
            await connection.close()


def _fresh() -> str:
    return f"{QUEUES}.{secrets.token_hex(4)}"
