"""An event and a queue as asyncio has them, for what there is by the thousand: a tenth of the memory.

asyncio's keep a deque each for who waits, and a queue has four: 760 bytes, however empty they are. A
WebSocket's take 4 KiB together.
"""

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class LeanEvent:
    """A flag that many may wait for; `set` at first."""

    __slots__ = ("_is_set", "_waiting")

    def __init__(self) -> None:
        self._is_set = True
        self._waiting: asyncio.Future[None] | None = None

    def is_set(self) -> bool:
        """Whether nobody has to wait."""
        return self._is_set

    def set(self) -> None:
        """Let all go on."""
        self._is_set = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
        self._waiting = None

    def clear(self) -> None:
        """Whoever comes has to wait."""
        self._is_set = False

    async def wait(self) -> bool:
        """Wait until it is set."""
        if not self._is_set:
            if self._waiting is None:
                self._waiting = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._waiting)
        return True


class LeanQueue(Generic[T]):
    """What comes for one reader, in its order."""

    __slots__ = ("_messages", "_reader")

    def __init__(self) -> None:
        self._messages: list[T] = []
        self._reader: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        """Whether nothing is there."""
        return not self._messages

    def put_nowait(self, message: T) -> None:
        """One more."""
        self._messages.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> T:
        """What came first, once there is something."""
        while not self._messages:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._messages.pop(0)
