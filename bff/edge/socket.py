"""graphql-transport-ws: one WebSocket, many operations.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
from contextlib import aclosing, suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bff.auth import Authenticator, NotAuthenticatedError
from bff.edge import json, streams
from bff.edge.asked import Asked
from bff.edge.client import Client
from bff.edge.documents import RefusedError
from bff.edge.gate import Gate, Operation
from bff.edge.lives import Life
from bff.graph.codes import Code
from bff.graph.context import Context
from bff.graph.errors import CodedError

PROTOCOL = "graphql-transport-ws"


class CloseError(Exception):
    """The connection is to be closed, with a code of the protocol's."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Socket:
    """One connection, once it is accepted."""

    def __init__(
        self,
        websocket: WebSocket,
        gate: Gate,
        authenticator: Authenticator,
        client: Client,
        life: Life,
        *,
        init_seconds: float,
        at_once: int,
    ) -> None:
        self._websocket = websocket
        self._gate = gate
        self._authenticator = authenticator
        self._client = client
        self._life = life
        self._init_seconds = init_seconds
        self._at_once = at_once
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._asked_to_begin = False

    async def serve(self) -> None:
        """Talk until either side ends it."""
        try:
            await self._first(self._listen(), self._until_ended())
        except CloseError as error:
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._websocket.close(error.code, error.reason)
        except WebSocketDisconnect:
            pass
        finally:
            for task in list(self._operations.values()):
                task.cancel()
            await asyncio.gather(*self._operations.values(), return_exceptions=True)

    async def _first(self, *ways: Any) -> None:
        tasks = {asyncio.ensure_future(way) for way in ways}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _until_ended(self) -> None:
        await self._life.ended.wait()
        assert self._life.why is not None  # noqa: S101 # tells mypy
        code = 1012 if self._life.why.name == "GOING_AWAY" else 4403
        raise CloseError(code, self._life.why.value)

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(self._init_seconds):
                while self._client.caller is None:
                    await self._take(await self._frame())
        except TimeoutError:
            raise CloseError(4408, "Connection initialisation timeout") from None
        while True:
            await self._take(await self._frame())

    async def _frame(self) -> dict[str, Any]:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        text = message.get("text")
        if text is None:
            raise CloseError(4400, "Frames are text")
        try:
            frame = json.read(text)
        except (json.NotJsonError, UnicodeError):
            raise CloseError(4400, "Frames are JSON") from None
        if not isinstance(frame, dict):
            raise CloseError(4400, "This is no frame of the protocol")
        return frame

    async def _take(self, frame: dict[str, Any]) -> None:
        match frame:
            case {"type": "connection_init"}:
                await self._begin(frame.get("payload"))
            case {"type": "ping"}:
                await self._say({"type": "pong"})
            case {"type": "pong"}:
                pass
            case {"type": "subscribe", "id": str(name), "payload": dict(payload)}:
                await self._subscribe(name, payload)
            case {"type": "complete", "id": str(name)}:
                if task := self._operations.pop(name, None):
                    task.cancel()
            case _:
                raise CloseError(4400, "This is no frame of the protocol")

    async def _begin(self, payload: object) -> None:
        if self._asked_to_begin:
            raise CloseError(4429, "Too many initialisation requests")
        if not isinstance(payload, dict | None):
            raise CloseError(4400, "This is no frame of the protocol")
        self._asked_to_begin = True
        try:
            self._gate.rates.sign_in(self._client.address)
            self._client.caller = await self._authenticator.from_connection_init(payload)
        except CodedError:
            raise CloseError(1013, "Too many tokens were no good: try again later") from None
        except NotAuthenticatedError:
            self._gate.rates.failed(self._client.address)
            raise CloseError(4403, "Forbidden") from None
        self._life.caller = self._client.caller
        await self._say({"type": "connection_ack"})

    async def _subscribe(self, name: str, payload: dict[str, Any]) -> None:
        if self._client.caller is None:
            raise CloseError(4401, "Unauthorized")
        if name in self._operations:
            raise CloseError(4409, "Subscriber for this id already exists")
        try:
            asked = Asked.of(payload)
        except CodedError as error:
            raise CloseError(4400, error.message) from None
        if asked.query is None and asked.document_id is None and asked.extensions is None:
            raise CloseError(4400, "This is no frame of the protocol")
        self._operations[name] = asyncio.create_task(self._operate(name, asked))

    async def _operate(self, name: str, asked: Asked) -> None:
        context = self._gate.context(self._client)
        try:
            operation = self._admit(asked, context)
            async with aclosing(streams.answers(self._gate, operation)) as answers:
                async for answer in answers:
                    if not answer.executed:
                        raise RefusedError  # noqa: TRY301
                    await self._say({"id": name, "type": "next", "payload": answer.body})
            self._operations.pop(name, None)
            await self._say({"id": name, "type": "complete"})
        except RefusedError as error:
            self._operations.pop(name, None)
            refused = answer.body if not error.errors else self._gate.refusal(context, error.errors).body
            await self._say({"id": name, "type": "error", "payload": refused["errors"]})

    def _admit(self, asked: Asked, context: Context) -> Operation:
        if len(self._operations) > self._at_once:
            most = f"At most {self._at_once} operations at once on one connection."
            raise RefusedError(CodedError(Code.TOO_MANY_SUBSCRIPTIONS, most))
        return self._gate.admit(asked, context)

    async def _say(self, frame: dict[str, Any]) -> None:
        await self._websocket.send_text(json.written(frame).decode())
