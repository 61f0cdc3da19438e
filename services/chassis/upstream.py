"""Another service, asked over HTTP on a connection pool of its own."""

import random
import socket
from http import HTTPStatus
from types import SimpleNamespace
from typing import Literal, NamedTuple

import aiohttp
from aiohttp.abc import ResolveResult
from opentelemetry.trace import SpanKind
from pydantic import BaseModel

from services.chassis import spans, telemetry
from services.chassis.trust import Credentials

Failure = aiohttp.ClientError
"""The request or its answer was lost on the way."""

NeverSent = aiohttp.ClientConnectorError
"""There was no connection to send the request over."""

HEADERS = {"content-type": "application/json"}


REPLICAS_KNOWN_SECONDS = 1
"""How long an address may be believed: replicas come and go."""

KEPT_SECONDS = 4
"""How long a connection is kept that nobody uses: shorter than a replica in containers drains."""


class Answer(NamedTuple):
    """A status and a body."""

    status: int
    body: bytes


class _Replicas(aiohttp.ThreadedResolver):
    """Names have several addresses where there are replicas: the system sorts them, we take turns."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve, in any order. Raises OSError."""
        found = await super().resolve(host, port, family)
        random.shuffle(found)
        return found


class Upstream:
    """One service by its address, and what is shown to it. The pool opens with the first question."""

    def __init__(self, url: str, shows: Credentials | None = None) -> None:
        self._url = url
        self._shows = shows
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self, method: Literal["GET", "POST", "PUT"], path: str, message: BaseModel | None = None
    ) -> Answer:
        """Ask, without a deadline: the caller knows how long it can wait. Raises Failure."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=0,
                keepalive_timeout=KEPT_SECONDS,
                ttl_dns_cache=REPLICAS_KNOWN_SECONDS,
                resolver=_Replicas(),
            )
            timeout = aiohttp.ClientTimeout(total=None)
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_note_sent)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, trace_configs=[trace])
        body = message.model_dump_json().encode() if message else None
        sent: list[bool] = []
        try:
            with telemetry.child(method, SpanKind.CLIENT) as span:
                spans.asks(span, method, self._url)
                async with self._session.request(
                    method, f"{self._url}{path}", data=body, headers=self._headers(), trace_request_ctx=sent
                ) as response:
                    spans.answers(span, response.status)
                    return Answer(response.status, await response.read())
        except NeverSent as error:
            if sent:  # aiohttp sends an idempotent request again where a kept connection was lost
                raise aiohttp.ServerDisconnectedError("sent, and lost with its connection") from error
            raise

    def _headers(self) -> dict[str, str]:
        shown = {"authorization": self._shows()} if self._shows else {}
        return HEADERS | shown | spans.headers()

    async def alive(self) -> bool:
        """Whether it answers at all."""
        try:
            return (await self.ask("GET", "/healthz")).status == HTTPStatus.OK
        except Failure:
            return False

    async def close(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()


async def _note_sent(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
    context.trace_request_ctx.append(True)
