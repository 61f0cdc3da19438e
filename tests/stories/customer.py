"""A customer: GraphQL over HTTP, WebSocket and server-sent events, with real clients."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.stories.stack import Stack
from tests.waiting import until

Json = dict[str, Any]

ORDER = """
fragment everything on Order {
  id status statusLabel fruit { id name unitPrice } quantity unitPrice amount address placedAt updatedAt
  version payment { id status amount updatedAt declineReason } delivery { id status updatedAt }
  cancelReason cancelable history { type label at }
}
"""

PLACE = (
    """
mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    __typename
    ... on OrderPlaced { order { ...everything } }
    ... on PaymentPending { order { ...everything } message }
    ... on PaymentDeclined { order { ...everything } reason message }
    ... on PaymentUnavailable { retryAfterMs message }
    ... on InvalidOrder { message problems { field message } }
  }
}"""
    + ORDER
)

CANCEL = (
    """
mutation ($id: ID!) {
  cancelOrder(orderId: $id) {
    __typename
    ... on OrderCanceled { order { ...everything } }
    ... on OrderNotFound { orderId message }
    ... on OrderNotCancelable { order { ...everything } message }
  }
}"""
    + ORDER
)

MINE = "query ($id: ID!) { order(id: $id) { ...everything } }" + ORDER

PAGE = (
    """
query ($first: Int, $after: String, $filter: OrderFilter) {
  myOrders(first: $first, after: $after, filter: $filter) {
    edges { cursor node { ...everything } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
    + ORDER
)

WATCH_ONE = "subscription ($id: ID!) { orderStatus(orderId: $id) { ...everything } }" + ORDER
WATCH_ALL = "subscription { myOrderUpdates { ...everything } }" + ORDER

APPLES = {"fruitId": "apple", "quantity": 2, "address": "경기도 성남시", "paymentMethod": "card-ok"}


class Caller:
    """Somebody signed in at a gateway, wherever it is."""

    def __init__(self, http: str, session: aiohttp.ClientSession, name: str, token: str) -> None:
        self.http = http
        self.name = name
        self.token = token
        self._session = session

    async def ask(self, query: str, variables: Json | None = None, **headers: str) -> Json:
        """Send an operation; the whole response."""
        async with self._session.post(
            f"{self.http}/graphql",
            json={"query": query, "variables": variables or {}},
            headers={"authorization": f"Bearer {self.token}", **headers},
        ) as response:
            answer: Json = await response.json()
            return answer

    async def data(self, query: str, variables: Json | None = None, **headers: str) -> Json:
        """Send an operation that goes well; its data."""
        answer = await self.ask(query, variables, **headers)
        assert "errors" not in answer, answer
        data: Json = answer["data"]
        return data

    async def place(self, **changes: Any) -> Json:
        """Order two apples, or what is said otherwise; the outcome."""
        outcome: Json = (await self.data(PLACE, {"input": {**APPLES, **changes}}))["placeOrder"]
        return outcome

    async def places(self, **changes: Any) -> str:
        """Order something and pay for it; the order's id. Where payment came too late it is asked again."""
        keyed = {"idempotencyKey": uuid.uuid4().hex, **changes}
        last: list[Json] = []

        async def is_clear() -> bool:
            last[:] = [await self.place(**keyed)]
            return bool(last[0]["__typename"] != "PaymentPending")

        await until(is_clear)
        assert last[0]["__typename"] == "OrderPlaced", last
        order_id: str = last[0]["order"]["id"]
        return order_id

    async def timed_place(self, **changes: Any) -> tuple[Json, float]:
        """Order, and take the time, in seconds."""
        began = time.perf_counter()
        return await self.place(**changes), time.perf_counter() - began

    async def cancel(self, order_id: str) -> Json:
        """Cancel; the outcome."""
        outcome: Json = (await self.data(CANCEL, {"id": order_id}))["cancelOrder"]
        return outcome

    async def order(self, order_id: str) -> Json | None:
        """One of my orders."""
        order: Json | None = (await self.data(MINE, {"id": order_id}))["order"]
        return order

    async def page(self, **arguments: Any) -> Json:
        """A page of my orders."""
        page: Json = (await self.data(PAGE, arguments))["myOrders"]
        return page

    async def sees(self, order_id: str, *, within: float = 5, **expected: Any) -> Json:
        """Wait until my order looks as expected; nested fields are given as `payment__status`."""
        last: list[Json | None] = [None]

        async def looks_so() -> bool:
            last[0] = await self.order(order_id)
            return last[0] is not None and all(
                _dig(last[0], path.split("__")) == value for path, value in expected.items()
            )

        try:
            await until(looks_so, timeout=within)
        except AssertionError as error:
            raise AssertionError(f"expected {expected}, saw {last[0]}") from error
        assert last[0] is not None
        return last[0]

    @asynccontextmanager
    async def watching(
        self, query: str, variables: Json | None = None, **options: Any
    ) -> AsyncIterator["Watch"]:
        """Subscribe over graphql-transport-ws; with the WebSocket client's own options, where given."""
        url = f"{self.http.replace('http', 'ws')}/graphql"
        async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], **options) as socket:
            payload = {"Authorization": f"Bearer {self.token}"}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            assert json.loads(await socket.recv())["type"] == "connection_ack"
            operation = {"query": query, "variables": variables or {}}
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": operation}))

            async def frames() -> AsyncIterator[Json]:
                async for text in socket:
                    frame = json.loads(text)
                    if frame["type"] == "complete":
                        return
                    if frame["type"] == "error":
                        yield {"errors": frame["payload"]}
                    else:
                        yield frame["payload"]

            yield Watch(frames(), socket)

    @asynccontextmanager
    async def listening(self, query: str, variables: Json | None = None) -> AsyncIterator["Watch"]:
        """Subscribe over server-sent events."""
        async with self._session.post(
            f"{self.http}/graphql",
            json={"query": query, "variables": variables or {}},
            headers={"authorization": f"Bearer {self.token}", "accept": "text/event-stream"},
            timeout=aiohttp.ClientTimeout(total=None),
        ) as response:
            assert response.content_type == "text/event-stream", await response.text()

            async def frames() -> AsyncIterator[Json]:
                event = ""
                async for line in response.content:
                    field, _, value = line.decode().rstrip("\r\n").partition(": ")
                    if field == "event":
                        event = value
                    if event == "complete":
                        return
                    if field == "data" and event == "next":
                        yield json.loads(value)

            yield Watch(frames())


class Customer(Caller):
    """Somebody signed in at the gateway of a stack."""

    def __init__(self, stack: Stack, session: aiohttp.ClientSession, name: str, token: str) -> None:
        super().__init__(stack.http, session, name, token)
        self.stack = stack


class Watch:
    """What a subscription has brought."""

    def __init__(self, frames: AsyncIterator[Json], socket: ClientConnection | None = None) -> None:
        self._frames = frames
        self._socket = socket

    async def close_code(self, within: float = 10) -> int | None:
        """Wait for the WebSocket to be closed; the code it was closed with."""
        assert self._socket is not None
        async with asyncio.timeout(within):
            await self._socket.wait_closed()
        return self._socket.close_code

    async def next(self, within: float = 10) -> Json:
        """The next result. Raises StopAsyncIteration where the subscription has completed."""
        async with asyncio.timeout(within):
            return await anext(self._frames)

    async def order(self, within: float = 10) -> Json:
        """The order in the next result."""
        result = await self.next(within)
        assert not result.get("errors"), result
        order: Json = next(iter(result["data"].values()))
        return order

    async def until_complete(self, within: float = 10) -> list[Json]:
        """All orders until the subscription completes."""
        orders = []
        async with asyncio.timeout(within):
            async for result in self._frames:
                assert not result.get("errors"), result
                orders.append(next(iter(result["data"].values())))
        return orders


def _dig(value: Any, path: list[str]) -> Any:
    for name in path:
        value = value and value[name]
    return value
