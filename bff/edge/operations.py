"""The operations of one WebSocket: what is under way, by the name that its client gave it."""

import asyncio
from functools import partial
from typing import Any

from graphql import GraphQLError, OperationType

from bff.edge.client import Client
from bff.edge.documents import RefusedError
from bff.edge.frames import CloseError, Subscribe
from bff.edge.gate import Gate, Operation
from bff.edge.peer import GoneError, Peer
from bff.edge.push import Push
from bff.graph.codes import Code
from bff.graph.context import Context
from bff.graph.errors import CodedError
from services.chassis import telemetry

STOPPING_SECONDS = 5.0
"""How long a mutation may go on after its client has lost interest."""


class _Under:
    """One that is under way: by a task, or pushed from within the feed.

    A mutation is not broken off: only its answer is dropped.
    """

    __slots__ = ("hushed", "name", "push", "task", "type")

    def __init__(self, name: str) -> None:
        self.name = name
        self.task: asyncio.Task[None] | None = None
        self.push: Push | None = None
        self.type: OperationType | None = None
        self.hushed = False

    def stop(self) -> None:
        self.hushed = True
        if self.push is not None:
            self.push.stop()
        if self.task is not None and self.type is not OperationType.MUTATION:
            self.task.cancel()


class Operations:
    """Those of one connection."""

    def __init__(self, gate: Gate, client: Client, peer: Peer, at_once: int) -> None:
        self._gate = gate
        self._client = client
        self._peer = peer
        self._at_once = at_once
        self._named: dict[str, _Under] = {}
        self._under_way: set[_Under] = set()
        self._quiet_since = asyncio.get_running_loop().time()

    @property
    def idle_seconds(self) -> float:
        """For how long nothing has been under way."""
        return 0.0 if self._under_way else asyncio.get_running_loop().time() - self._quiet_since

    async def begin(self, frame: Subscribe) -> None:
        """Begin one; where there are too many, wait until that is said. Raises CloseError (4409)."""
        if frame.name in self._named:
            raise CloseError(4409, f"Subscriber for {frame.name} already exists")
        under = self._named[frame.name] = _Under(frame.name)
        full = len(self._under_way) >= self._at_once
        self._under_way.add(under)
        under.task = asyncio.create_task(self._run(under, frame, full=full))
        under.task.add_done_callback(partial(self._is_done, under))
        if full:  # or frames of a client that reads nothing would heap up
            await asyncio.wait({under.task})

    async def complete(self, name: str) -> None:
        """Stop one, if there is such; its name is free at once."""
        if under := self._named.pop(name, None):
            under.stop()
            if under.task is not None and under.task.cancelling():
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
        if tasks := self._tasks():
            await asyncio.wait(tasks, timeout=seconds)

    async def end(self) -> None:
        """Leave nothing behind; mutations may come to their end first."""
        self.stop()
        try:
            if tasks := self._tasks():
                await asyncio.wait(tasks, timeout=STOPPING_SECONDS)
        finally:
            left = self._tasks()
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def _tasks(self) -> set[asyncio.Task[None]]:
        return {under.task for under in self._under_way if under.task is not None}

    def _is_done(self, under: _Under, _: asyncio.Task[None]) -> None:
        """Its task is; a subscription that has caught up goes on without."""
        under.task = None
        if under.push is None or under.push.over:
            self._is_over(under)

    def _is_over(self, under: _Under) -> None:
        self._under_way.discard(under)
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
            if operation.type is OperationType.SUBSCRIPTION:
                await self._watch(under, operation)
                return
            errors = await self._answer(under, operation)
        except RefusedError as refused:
            errors = self._refused(context, *refused.errors)
        except GoneError:
            return
        except Exception as error:  # noqa: BLE001 # a bug in one operation ends that one, and is logged
            errors = self._refused(context, GraphQLError("", original_error=error))
        await self._last(under, errors)

    async def _watch(self, under: _Under, operation: Operation) -> None:
        refused = partial(self._refused, operation.context)
        subscription = await self._gate.subscription(operation)
        under.push = Push(under.name, subscription, self._peer, refused, partial(self._pushed, under))
        await under.push.begin()

    def _pushed(self, under: _Under) -> None:
        """A subscription is over."""
        self._forget(under)
        if under.task is None:
            self._is_over(under)

    async def _answer(self, under: _Under, operation: Operation) -> Any:
        """Send what it is answered with; the errors, where it was not even begun."""
        answer = await self._gate.answer(operation)
        if not answer.executed:
            return answer.body["errors"]
        if not under.hushed:
            await self._peer.tell("next", under.name, answer.body)
        return None

    async def _last(self, under: _Under, errors: Any) -> None:
        self._forget(under)
        if not under.hushed:
            try:
                await self._peer.tell("error" if errors else "complete", under.name, errors)
            except GoneError:
                return

    def _forget(self, under: _Under) -> None:
        if self._named.get(under.name) is under:
            del self._named[under.name]

    def _too_many(self) -> CodedError:
        most = f"At most {self._at_once} operations at once on one connection."
        return CodedError(Code.TOO_MANY_SUBSCRIPTIONS, most)

    def _refused(self, context: Context, *errors: GraphQLError) -> Any:
        return self._gate.refusal(context, errors).body["errors"]
