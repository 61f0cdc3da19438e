"""The operations of one WebSocket: what is under way, by the name that its client gave it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

from graphql import GraphQLError, OperationType

from bff.edge import streams
from bff.edge.client import Client
from bff.edge.documents import RefusedError
from bff.edge.frames import CloseError, Subscribe
from bff.edge.gate import Gate, Operation
from bff.graph.codes import Code
from bff.graph.context import Context
from bff.graph.errors import CodedError
from services.chassis import telemetry

Say = Callable[[str, str, Any], Awaitable[None]]
"""Sends a frame: its type, the operation's name, its payload. Raises GoneError."""

STOPPING_SECONDS = 5.0
"""How long a mutation may go on after its client has lost interest."""


class GoneError(Exception):
    """Nobody is there any more to be told anything."""


class _Under:
    """One that is under way. A mutation is not broken off: only its answer is dropped."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.task: asyncio.Task[None] | None = None
        self.type: OperationType | None = None
        self.hushed = False

    def stop(self) -> None:
        self.hushed = True
        if self.task is not None and self.type is not OperationType.MUTATION:
            self.task.cancel()


class Operations:
    """Those of one connection."""

    def __init__(self, gate: Gate, client: Client, say: Say, at_once: int) -> None:
        self._gate = gate
        self._client = client
        self._say = say
        self._at_once = at_once
        self._named: dict[str, _Under] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._quiet_since = asyncio.get_running_loop().time()

    @property
    def idle_seconds(self) -> float:
        """For how long nothing has been under way."""
        return 0.0 if self._tasks else asyncio.get_running_loop().time() - self._quiet_since

    async def begin(self, frame: Subscribe) -> None:
        """Begin one; where there are too many, wait until that is said. Raises CloseError (4409)."""
        if frame.name in self._named:
            raise CloseError(4409, f"Subscriber for {frame.name} already exists")
        under = self._named[frame.name] = _Under(frame.name)
        full = len(self._tasks) >= self._at_once
        under.task = asyncio.create_task(self._run(under, frame, full=full))
        self._tasks.add(under.task)
        under.task.add_done_callback(self._over)
        if full:  # or frames of a client that reads nothing would heap up
            await asyncio.wait({under.task})

    async def complete(self, name: str) -> None:
        """Stop one, if there is such; its name is free at once."""
        if (under := self._named.pop(name, None)) and under.task:
            under.stop()
            if under.task.cancelling():
                await asyncio.wait({under.task})

    def stop(self) -> None:
        """Stop all, with nothing more said."""
        for under in list(self._named.values()):
            under.stop()

    async def finish(self, seconds: float) -> None:
        """Stop subscriptions, and wait so long for the rest to be answered."""
        for under in list(self._named.values()):
            if under.type is OperationType.SUBSCRIPTION:
                under.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def end(self) -> None:
        """Leave nothing behind; mutations may come to their end first."""
        self.stop()
        try:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=STOPPING_SECONDS)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._quiet_since = asyncio.get_running_loop().time()

    async def _run(self, under: _Under, frame: Subscribe, *, full: bool) -> None:
        with telemetry.operation("GraphQL over WebSocket"):
            await self._operate(under, frame, full=full)

    async def _operate(self, under: _Under, frame: Subscribe, *, full: bool) -> None:
        context = self._gate.context(self._client)
        try:
            if full:
                raise RefusedError(self._too_many())  # noqa: TRY301
            operation = self._gate.admit(frame.asked, context)
            under.type = operation.type
            errors = await self._answers(under, operation)
        except RefusedError as refused:
            errors = self._refused(context, *refused.errors)
        except GoneError:
            return
        except Exception as error:  # noqa: BLE001 # a bug in one operation ends that one, and is logged
            errors = self._refused(context, GraphQLError("", original_error=error))
        await self._last(under, errors)

    async def _answers(self, under: _Under, operation: Operation) -> Any:
        """Send what it brings; the errors, where it was not even begun."""
        async with aclosing(streams.answers(self._gate, operation)) as answers:
            async for answer in answers:
                if not answer.executed:
                    return answer.body["errors"]
                if not under.hushed:
                    await self._say("next", under.name, answer.body)
        return None

    async def _last(self, under: _Under, errors: Any) -> None:
        if self._named.get(under.name) is under:
            del self._named[under.name]
        if not under.hushed:
            try:
                await self._say("error" if errors else "complete", under.name, errors)
            except GoneError:
                return

    def _too_many(self) -> CodedError:
        most = f"At most {self._at_once} operations at once on one connection."
        return CodedError(Code.TOO_MANY_SUBSCRIPTIONS, most)

    def _refused(self, context: Context, *errors: GraphQLError) -> Any:
        return self._gate.refusal(context, errors).body["errors"]
