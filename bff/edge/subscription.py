"""A subscription that has begun: what it says of each view, and when it is over."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from typing import Any

from graphql import ExecutionResult, GraphQLError

from bff.edge.answer import Answer
from bff.graph.context import Context
from bff.graph.saying import Watched
from bff.mailbox import Mailbox

Speak = Callable[[Any, list[GraphQLError] | None], Answer]
"""Makes an answer of data and errors."""


class Subscription:
    """Whoever asks it for `steps` has to `close` it. Once they have come to their end it has caught up.

    After each step, and whenever its mailbox was filled, there may be answers.
    """

    def __init__(
        self,
        context: Context,
        watched: Watched | ExecutionResult,
        speak: Speak,
        ended: Callable[[Any], None],
    ) -> None:
        self.over = False
        self._context = context
        self._watched: Watched | ExecutionResult | None = watched
        self._speak = speak
        self._ended: Callable[[Any], None] | None = ended
        self._mailbox: Mailbox | None = None
        self._failure: Answer | None = None
        self._errors: Any = ()
        """Those of the last answer."""

    async def steps(self) -> AsyncGenerator[None, None]:
        """Catch up. What goes wrong on the way is the last answer."""
        watched, self._watched = self._watched, None
        assert watched is not None  # noqa: S101 # it catches up once
        if isinstance(watched, ExecutionResult):
            self._failure = self._speak(None, watched.errors)
            yield
            return
        steps, self._said = watched.steps, watched.said
        try:
            async with aclosing(steps):
                async for self._mailbox in steps:
                    yield
        except Exception as error:  # noqa: BLE001 # it is told as every other
            self._failure = self._speak(None, [_as_an_error(error)])
        yield

    def answers(self) -> Iterator[Answer]:
        """What is to be said now, one after the other."""
        if (mailbox := self._mailbox) is not None:
            for view in mailbox.waiting():
                self._context.can_resume_from(mailbox.resume(view))
                self.over = mailbox.ends_with(view)
                yield self._given(self._speak(*self._said.of(view)))
                if self.over:
                    return
        if self._failure is not None:
            self.over = True
            yield self._given(self._failure)
        self.over = self.over or mailbox is None or mailbox.closed

    def attend(self, filled: Callable[[], object]) -> None:
        """Have it called whenever there is something to be said, at once."""
        if self._mailbox is not None:
            self._mailbox.attend(filled)

    async def pulled(self) -> AsyncGenerator[Answer, None]:
        """All answers, for whoever asks for one after the other."""
        try:
            async with aclosing(self.steps()) as steps:
                async for _ in steps:
                    for answer in self.answers():
                        yield answer
            while not self.over and self._mailbox is not None:
                await self._mailbox.filled()
                for answer in self.answers():
                    yield answer
        finally:
            self.close()

    def close(self) -> None:
        """Watch no more."""
        self.over = True
        if self._mailbox is not None:
            self._mailbox.close()
        ended, self._ended = self._ended, None
        if ended is not None:
            ended(self._errors)

    def _given(self, answer: Answer) -> Answer:
        self._errors = answer.body.get("errors", ())
        return answer


def _as_an_error(error: Exception) -> GraphQLError:
    return error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
