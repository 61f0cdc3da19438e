"""Streams over HTTP: what an operation brings, for as long as its client listens and may."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from graphql import GraphQLError, OperationType
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bff.edge.answer import Answer
from bff.edge.gate import Gate, Operation
from bff.edge.line import Line, first
from bff.edge.lives import End, Life
from bff.graph.codes import Code
from bff.graph.context import Context
from bff.graph.errors import CodedError

Answers = AsyncGenerator[Answer, None]

SAID_OF: dict[End, Code] = {End.NOT_AUTHENTICATED: Code.UNAUTHENTICATED}
"""What a stream that we end says of it; of every other end, that we are not available."""


HEADERS = {"x-accel-buffering": "no", "connection": "close"}
"""Nobody in between holds it back, or asks over its connection when it has ended: we may be about to go."""


class Framing(Protocol):
    """How answers are written into a stream."""

    content_type: str
    heartbeat: bytes
    complete: bytes

    def opening(self) -> bytes:
        """What comes first."""
        ...

    def answer(self, answer: Answer) -> bytes:
        """One answer."""
        ...

    def broken_off(self, refusal: Answer) -> bytes:
        """What comes last where it is not the operation that has ended: the client shall come back."""
        ...


class Stream(StreamingResponse):
    """A response that goes on; `heartbeat` is in seconds."""

    def __init__(
        self, gate: Gate, context: Context, answers: Answers, framing: Framing, life: Life, heartbeat: float
    ) -> None:
        super().__init__((), headers={"content-type": framing.content_type} | HEADERS)
        self._gate = gate
        self._context = context
        self._answers = answers
        self._framing = framing
        self._life = life
        self._heartbeat = heartbeat
        self._is_complete = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what comes until there is no more, the stream's life ends, or nobody listens."""
        line = Line(scope, receive, send)
        await line.begin(self.status_code, self.raw_headers, self._framing.opening())
        await first(
            self._pass_on(line),
            line.keep_alive(self._framing.heartbeat, self._heartbeat),
            line.until_hung_up(),
            self._life.until_ended(),
        )
        await line.end(self._last_word())

    async def _pass_on(self, line: Line) -> None:
        async with aclosing(self._answers) as answers:
            try:
                async for answer in answers:
                    if not self._life.may_go_on():
                        return
                    await line.write(self._framing.answer(answer))
            except Exception as error:  # noqa: BLE001 # whatever it is, it is told as every other bug
                bug = GraphQLError("", original_error=error)
                await line.write(self._framing.answer(self._gate.refusal(self._context, [bug])))
        self._is_complete = True

    def _last_word(self) -> bytes:
        if self._is_complete:
            return self._framing.complete
        if self._life.why is None:
            return b""
        code = SAID_OF.get(self._life.why, Code.SERVICE_UNAVAILABLE)
        return self._framing.broken_off(self._gate.refusal(self._context, [CodedError(code)]))


async def answers(gate: Gate, operation: Operation) -> Answers:
    """What an operation brings, one or many."""
    if operation.type is not OperationType.SUBSCRIPTION:
        yield await gate.answer(operation)
        return
    subscription = await gate.subscription(operation)
    async with aclosing(subscription.pulled()) as results:
        async for answer in results:
            yield answer
