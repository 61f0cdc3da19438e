"""Streams over HTTP: server-sent events.

Source: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md, distinct connections mode
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from graphql import OperationType
from starlette.responses import Response, StreamingResponse

from bff.caller import Caller
from bff.edge import json
from bff.edge.gate import Answer, Gate, Operation
from bff.edge.lives import Lives

HEARTBEAT_SECONDS = 12.0


def events(gate: Gate, operation: Operation, lives: Lives, caller: Caller | None) -> Response:
    """All that an operation brings, as server-sent events."""

    async def stream() -> AsyncIterator[bytes]:
        yield b":\n\n"
        with lives.one(caller) as life:
            ended = asyncio.ensure_future(life.ended.wait())
            try:
                async with aclosing(answers(gate, operation)) as each:
                    while True:
                        following = asyncio.ensure_future(anext(each, None))
                        while not following.done() and not ended.done():
                            await asyncio.wait(
                                {following, ended},
                                timeout=HEARTBEAT_SECONDS,
                                return_when=asyncio.FIRST_COMPLETED,
                            )
                            if not following.done() and not ended.done():
                                yield b":\n\n"
                        if not following.done():
                            following.cancel()
                            await asyncio.wait({following})
                            return
                        answer = following.result()
                        if answer is None:
                            break
                        yield _event("next", answer)
            finally:
                ended.cancel()
        yield b"event: complete\ndata:\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"cache-control": "no-store"})


async def answers(gate: Gate, operation: Operation) -> AsyncGenerator[Answer, None]:
    """What an operation brings, one or many."""
    if operation.type is not OperationType.SUBSCRIPTION:
        yield await gate.answer(operation)
        return
    async with aclosing(gate.stream(operation)) as results:
        async for answer in results:
            yield answer


def _event(kind: str, answer: Answer) -> bytes:
    named = f"id: {answer.resume}\n" if answer.resume else ""
    return f"event: {kind}\n{named}data: ".encode() + json.written(answer.body) + b"\n\n"
