"""The dead letters' desk: one looks at them, or sends some again, at a time."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Any, Final, TypeVar

from yarl import URL

from services.chassis.connections import HEARTBEAT_SECONDS
from services.chassis.dead_letters import Post, SomebodyElseError
from services.chassis.letter import Letter

LOOKING_SECONDS: Final = 8.0
SENDING_SECONDS: Final = 60.0
TURN_SECONDS: Final = 3.0
"""How long to wait until it is one's turn."""

LOOKED_AT_MOST: Final = 500
"""Letters of one hearer."""

SHOWN_AT_MOST: Final = 500
"""Characters of what others wrote."""

T = TypeVar("T")


class Desk:
    """Deals with dead letters over a connection of its own, opened for the time of it.

    All of it raises SomebodyElseError, BrokerAwayError, and TimeoutError where it takes too long.
    """

    def __init__(self, rabbitmq_url: str) -> None:
        self._post = Post(str(URL(rabbitmq_url) % {"heartbeat": str(HEARTBEAT_SECONDS)}))
        self._turn = asyncio.Lock()

    async def letters(self, first: int) -> list[Letter]:
        """The oldest of each hearer, at most so many; of more than are looked at, of those.

        What was looked at comes back to its queue in any order, so the oldest is not the next.
        """
        found = await self._in_turn(lambda: self._post.letters(LOOKED_AT_MOST), LOOKING_SECONDS)
        hearers = groupby(found, key=lambda letter: letter.hearer)
        return [letter for _, letters in hearers for letter in islice(letters, first)]

    async def redrive(self, which: str | None) -> list[Letter]:
        """Send the one with this id again, or all there are now; those that were. Raises NobodyThereError.

        Where it raises, some may have been sent.
        """
        return await self._in_turn(
            lambda: self._post.redrive(lambda letter: which in {None, letter.id}), SENDING_SECONDS
        )

    async def _in_turn(self, do: Callable[[], Coroutine[Any, Any, T]], seconds: float) -> T:
        """A broker that keeps a connection and says nothing is not waited for, not even to say goodbye."""
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            raise SomebodyElseError from None
        task = asyncio.create_task(do())
        task.add_done_callback(self._is_done)
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if not done:
            task.cancel()
            raise TimeoutError
        return task.result()

    def _is_done(self, task: asyncio.Task[Any]) -> None:
        self._turn.release()
        if not task.cancelled():
            task.exception()  # whoever has left does not ask for it


def shown(letter: Letter) -> dict[str, Any]:
    """As it is answered; what others wrote is not said at length."""
    kind, order_id = letter.headers.get("ce-type"), letter.headers.get("ce-subject")
    body = _body(letter)
    return {
        "id": letter.id,
        "hearer": letter.hearer,
        "type": _text(kind or body.get("type") or letter.origin.get("routing-key")),
        "orderId": _text(order_id or body.get("order_id")),
        "reason": _text(letter.reason),
        "exception": _text(letter.exception),
        "at": _moment(letter.set_aside),
        "attempts": letter.tries,
    }


def _body(letter: Letter) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        said = json.loads(letter.body)
        return said if isinstance(said, dict) else {}
    return {}


def _text(said: object) -> str | None:
    """Text that can be sent: JSON may hold halves of characters."""
    if not isinstance(said, str) or not said:
        return None
    return said[:SHOWN_AT_MOST].encode("utf-8", "replace").decode()


def _moment(said: str) -> str | None:
    """In ISO 8601; the broker's own moments are in UTC, and do not say so."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
