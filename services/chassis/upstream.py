"""Another service, asked over HTTP on connections of its own."""

import asyncio
from http import HTTPStatus
from typing import Final, Literal

from opentelemetry.trace import SpanKind
from pydantic import BaseModel
from yarl import URL

from services.chassis import spans, telemetry
from services.chassis.calling import Answer as Answer
from services.chassis.calling import Connection, LostError, UnreachableError
from services.chassis.replicas import Replicas
from services.chassis.trust import Credentials

Failure = LostError
NeverSent = UnreachableError

Method = Literal["GET", "POST", "PUT"]

HEADERS: Final = {"user-agent": "fruitstore", "accept": "*/*", "content-type": "application/json"}

ANSWER_BYTES: Final = 64 * 1024 * 1024
"""The most that an answer's body may be, unless the caller knows better."""

ASKED_AGAIN: Final = frozenset({"GET", "PUT"})
"""May be sent once more where a kept connection turns out to be lost: to ask twice does nothing twice."""

KEPT_SECONDS: Final = 4
"""How long a connection is kept that nobody uses: shorter than a replica in containers drains."""


class Upstream:
    """One service by its address, and what is shown to it. Connections are made as they are needed."""

    def __init__(self, url: str, shows: Credentials | None = None) -> None:
        self._url = url
        self._shows = shows
        self._replicas = Replicas(URL(url))
        self._kept: list[Connection] = []
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    async def ask(
        self, method: Method, path: str = "", message: BaseModel | None = None, *, at_most: int = ANSWER_BYTES
    ) -> Answer:
        """Ask, without a deadline: the caller knows how long it can wait, and for how many bytes at most.

        Raises Failure.
        """
        body = message.model_dump_json().encode() if message else b""
        with telemetry.child(method, SpanKind.CLIENT) as span:
            spans.asks(span, method, self._url)
            answer = await self._answer(method, self._request(method, path, body), at_most)
            spans.answers(span, answer.status)
            return answer

    async def alive(self) -> bool:
        """Whether it answers at all."""
        try:
            return (await self.ask("GET", "/healthz")).status == HTTPStatus.OK
        except Failure:
            return False

    async def close(self) -> None:
        """Close all connections; one that is in use is closed after that."""
        self._closed = True
        self._hang_up_idle()

    def _request(self, method: Method, path: str, body: bytes) -> bytes:
        target = URL(f"{self._url}{path}")
        shown = {"authorization": self._shows()} if self._shows else {}
        lines = {"host": target.host_port_subcomponent or "", **HEADERS, **shown, **spans.headers()}
        lines["content-length"] = str(len(body))
        head = "".join(f"{name}: {_line(value)}\r\n" for name, value in lines.items())
        return f"{method} {target.raw_path_qs} HTTP/1.1\r\n{head}\r\n".encode() + body

    async def _answer(self, method: Method, request: bytes, at_most: int) -> Answer:
        """The answer, over a kept connection if there is one, or else over a new one."""
        if (kept := self._taken()) is not None:
            try:
                return await self._asked(kept, request, at_most)
            except LostError:
                if kept.heard or method not in ASKED_AGAIN:
                    raise
        try:
            connection = await self._replicas.connected()
        except UnreachableError as error:
            if kept is not None:
                raise LostError("sent, and lost with its connection") from error
            raise
        return await self._asked(connection, request, at_most)

    async def _asked(self, connection: Connection, request: bytes, at_most: int) -> Answer:
        answer = await connection.ask(request, at_most)
        self._keep(connection)
        return answer

    def _taken(self) -> Connection | None:
        """The connection that was used last, of those that are open."""
        while self._kept:
            if (connection := self._kept.pop()).is_open:
                return connection
        return None

    def _keep(self, connection: Connection) -> None:
        if self._closed or not connection.is_open:
            connection.close()
            return
        loop = asyncio.get_running_loop()
        connection.kept_at = loop.time()
        self._kept.append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(KEPT_SECONDS, self._hang_up_idle)

    def _hang_up_idle(self) -> None:
        """Close what was not used for too long, or all at the end."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        loop = asyncio.get_running_loop()
        since = float("inf") if self._closed else loop.time() - KEPT_SECONDS
        idle = [each for each in self._kept if each.kept_at <= since]
        self._kept = [each for each in self._kept if each.kept_at > since]
        for each in idle:
            each.close()
        if self._kept:
            self._sweep = loop.call_at(self._kept[0].kept_at + KEPT_SECONDS, self._hang_up_idle)


def _line(value: str) -> str:
    """A header's value. Raises ValueError for what would be more than that."""
    if not (value.isascii() and value.isprintable()):
        raise ValueError("a header is one line of ASCII")
    return value
