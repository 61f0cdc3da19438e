"""A coroutine driven by hand through its suspension points, so that its process can die at any of them."""

import os
import signal
from collections.abc import Awaitable, Callable, Generator
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

Moment = Literal["suspended", "resumed"]
"""Dying while what is waited for is under way, or right after it has come, before anything is made of it."""

Dying = Callable[[int, str], None]
"""Told the number of the point and what was being done."""


class Steps:
    """Counts every point at which what is stepped waits or ends; the process dies at one of them."""

    def __init__(self, at: int | None, moment: Moment, dying: Dying) -> None:
        self.taken = 0
        self._at = at
        self._moment = moment
        self._dying = dying

    def stepped(self, what: str, function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        """The same function, whose points count."""

        @wraps(function)
        async def step(*arguments: P.args, **named: P.kwargs) -> R:
            result = await _Stepped(function(*arguments, **named), what, self)
            self.resumed(self.suspended(what), what)  # the work is done, and nobody knows of it yet
            return result

        return step

    def suspended(self, what: str) -> int:
        """A point is reached; its number."""
        self.taken += 1
        self._die_if(what, self.taken, "suspended")
        return self.taken

    def resumed(self, number: int, what: str) -> None:
        """What was waited for at that point has come."""
        self._die_if(what, number, "resumed")

    def _die_if(self, what: str, number: int, moment: Moment) -> None:
        if (number, moment) == (self._at, self._moment):
            self._dying(number, what)
            os.kill(os.getpid(), signal.SIGKILL)


class _Stepped(Awaitable[R]):
    """Passes on all that the inner awaitable waits for, and counts."""

    def __init__(self, inner: Awaitable[R], what: str, steps: Steps) -> None:
        self._inner = inner
        self._what = what
        self._steps = steps

    def __await__(self) -> Generator[Any, Any, R]:
        inner = self._inner.__await__()
        resume, value = inner.send, None
        while True:
            try:
                waits_for = resume(value)
            except StopIteration as end:
                result: R = end.value
                return result
            number = self._steps.suspended(self._what)
            try:
                resume, value = inner.send, (yield waits_for)
            except BaseException as error:  # noqa: BLE001 # whatever is thrown in is the inner one's to handle
                resume, value = inner.throw, error
            self._steps.resumed(number, self._what)
