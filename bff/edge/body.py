"""The body of a request: read within bounds of size and time, or refused and let run out."""

import asyncio
from contextlib import suppress
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bff.edge import json
from bff.edge.accept import MediaType, media_type_of
from bff.edge.refusals import too_large, too_slow, unsupported
from bff.graph.errors import bad_request

CHARSETS: Final = frozenset({"utf-8", "utf8"})
RUN_OUT_BYTES: Final = 1024 * 1024
RUN_OUT_SECONDS: Final = 2.0


class Body:
    """What a client sends after its headers."""

    def __init__(self, headers: Headers, receive: Receive, *, most_bytes: int, most_seconds: float) -> None:
        self._headers = headers
        self._receive = receive
        self._most_bytes = most_bytes
        self._most_seconds = most_seconds
        self._is_over = False

    @property
    def may_go_on(self) -> bool:
        """Whether more may come than anybody wants to read."""
        length = self._headers.get("content-length", "0")
        endless = "transfer-encoding" in self._headers or int(length) > self._most_bytes
        return endless and not self._is_over

    async def json(self) -> object:
        """Read it as JSON. Raises a CodedError, or ClientDisconnect."""
        self._must_be_json()
        data = await self._read()
        try:
            return json.read(data)
        except json.NotJsonError:
            raise bad_request("The body is not JSON, or not in UTF-8.") from None

    def answered_by(self, response: Response) -> ASGIApp:
        """A response that can be heard: what is still coming may pass, within bounds, before we hang up."""
        if not self.may_go_on:
            return response
        response.headers["connection"] = "close"

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_but_wait(message: Message) -> None:
                is_last = message["type"] == "http.response.body" and not message.get("more_body", False)
                await send({**message, "more_body": True} if is_last else message)
                if is_last:
                    await self._run_out()
                    await send({"type": "http.response.body"})

            await response(scope, receive, send_but_wait)

        return answer

    async def _run_out(self) -> None:
        passed = 0
        with suppress(TimeoutError, ClientDisconnect):
            async with asyncio.timeout(RUN_OUT_SECONDS):
                while passed <= RUN_OUT_BYTES and not self._is_over:
                    passed += len(await self._chunk())

    def _must_be_json(self) -> None:
        """Also what keeps foreign pages out: without a preflight they can only send forms and plain text."""
        kinds = self._headers.getlist("content-type")
        media_type, parameters = media_type_of(kinds[0] if len(kinds) == 1 else "")
        charset = parameters.get("charset", "utf-8").lower()
        if media_type != MediaType.JSON or charset not in CHARSETS:
            raise unsupported("Send application/json, in UTF-8.", {"accept-post": "application/json"})
        if self._headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise unsupported("Send the body as it is, not compressed.", {"accept-encoding": "identity"})

    async def _read(self) -> bytes:
        if int(self._headers.get("content-length", "0")) > self._most_bytes:
            raise too_large(self._most_bytes)
        data = bytearray()
        try:
            async with asyncio.timeout(self._most_seconds):
                while not self._is_over:
                    data += await self._chunk()
                    if len(data) > self._most_bytes:
                        raise too_large(self._most_bytes)
        except TimeoutError:
            raise too_slow(self._most_seconds) from None
        return bytes(data)

    async def _chunk(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        self._is_over = not message.get("more_body", False)
        body: bytes = message.get("body", b"")
        return body
