"""A client of a gateway: HTTP, WebSocket frame by frame, and what an operator can see."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from bff.dev_login import Issuer

Json = dict[str, Any]

SECRET = "a secret of 32 bytes, for tests only"
TRANSPORT_WS = "graphql-transport-ws"


def token(customer: str = "customer-1", seconds: int = 600) -> str:
    """A good token."""
    return Issuer(SECRET).issue(customer, seconds)


def bearer(customer: str = "customer-1") -> dict[str, str]:
    """A good Authorization header."""
    return {"authorization": f"Bearer {token(customer)}"}


class Gateway:
    """A running gateway, by its address."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self.address = address
        self.session = session

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Mapping[str, str], bytes]:
        """A request as raw as it comes: status, headers, body."""
        url = f"http://{self.address}{path}"
        async with self.session.request(method, url, **options) as response:
            return response.status, response.headers, await response.read()

    async def graphql(self, query: str, variables: Json | None = None, **headers: str) -> Json:
        """An operation of customer-1; the whole response."""
        body = {"query": query, "variables": variables or {}}
        _, _, answer = await self.ask("POST", "/graphql", json=body, headers={**bearer(), **headers})
        said: Json = json.loads(answer)
        return said

    async def events(self, query: str, variables: Json | None = None) -> list[Json]:
        """Everything that an operation of customer-1 brings over server-sent events."""
        headers = {**bearer(), "accept": "text/event-stream"}
        body = {"query": query, "variables": variables or {}}
        status, got, answer = await self.ask("POST", "/graphql", json=body, headers=headers)
        assert (status, got["content-type"].partition(";")[0]) == (200, "text/event-stream"), answer
        lines = answer.decode().splitlines()
        return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]

    async def metric(self, name: str, **labels: str) -> float:
        """A number, as Prometheus would read it."""
        _, _, body = await self.ask("GET", "/metrics")
        for family in text_string_to_metric_families(body.decode()):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return float(sample.value)
        raise LookupError(name)

    async def readiness(self) -> tuple[int, Json]:
        """GET /readyz."""
        status, _, body = await self.ask("GET", "/readyz")
        return status, json.loads(body)

    @asynccontextmanager
    async def knock(
        self, *protocols: str, origin: str | None = None, headers: dict[str, str] | None = None
    ) -> AsyncIterator["Socket"]:
        """A WebSocket on which nothing has been said."""
        async with connect(
            f"ws://{self.address}/graphql",
            subprotocols=[Subprotocol(each) for each in protocols or (TRANSPORT_WS,)],
            origin=None if origin is None else Origin(origin),
            additional_headers=headers,
        ) as connection:
            yield Socket(connection)

    @asynccontextmanager
    async def connected(self, customer: str = "customer-1") -> AsyncIterator["Socket"]:
        """A WebSocket on which somebody is signed in."""
        async with self.knock() as socket:
            await socket.says("connection_init", payload={"Authorization": f"Bearer {token(customer)}"})
            assert await socket.hears() == {"type": "connection_ack"}
            yield socket


class Socket:
    """One WebSocket, frame by frame."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def says(self, type: str, **fields: Any) -> None:  # noqa: A002 - the protocol's word
        """Send a frame."""
        await self.connection.send(json.dumps({"type": type, **fields}))

    async def subscribes(self, id: str, query: str, **variables: Any) -> None:  # noqa: A002 - likewise
        """Begin an operation."""
        await self.says("subscribe", id=id, payload={"query": query, "variables": variables})

    async def hears(self) -> Json:
        """The next frame."""
        async with asyncio.timeout(10):
            frame: Json = json.loads(await self.connection.recv())
            return frame

    async def close_code(self) -> int | None:
        """How the other side ends it."""
        async with asyncio.timeout(10):
            await self.connection.wait_closed()
        return self.connection.close_code
