"""The operations page's side: it looks, and it does."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.bff.asking import SECRET, Gateway, Json
from tests.bff.conftest import gateway_of
from tests.conftest import Place
from tests.hostile.forged import signed
from tests.parts import Parts

PLACE = """mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) { __typename ... on OrderPlaced { order { id } } }
}"""
STATUS = "query ($id: ID!) { order(id: $id) { status } }"


def operator(name: str = "operator-1") -> dict[str, str]:
    """Headers of somebody who has the role."""
    return {"authorization": f"Bearer {signed(SECRET, sub=name, roles=['operator'])}"}


class Page:
    """A page that an operator has open."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def asks(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """The status, and what is said."""
        given = {"headers": operator() if headers is None else headers}
        content = {} if body is None else {"data": body if isinstance(body, bytes) else json.dumps(body)}
        status, got, said = await self.gateway.ask(method, f"/ops/{path}", **given, **content)
        assert got["cache-control"] == "no-store"
        assert got["content-type"] == "application/json"
        return status, json.loads(said)

    async def state(self) -> Json:
        """One snapshot."""
        status, said = await self.asks("GET", "state")
        assert status == 200, said
        snapshot: Json = said
        return snapshot

    async def letters(self) -> list[Json]:
        """Dead letters."""
        status, said = await self.asks("GET", "dead-letters")
        assert status == 200, said
        letters: list[Json] = said["letters"]
        return letters

    async def pulls(self, **levers: object) -> Json:
        """Pull the sandbox's levers."""
        status, said = await self.asks("PUT", "sandbox", levers)
        assert status == 200, said
        standing: Json = said
        return standing

    async def orders(self) -> Json:
        """Be a customer, and order; what it came to."""
        command = {"fruitId": "apple", "quantity": 1, "address": "서울"}
        said = await self.gateway.graphql(PLACE, {"input": command})
        outcome: Json = said["data"]["placeOrder"]
        return outcome

    async def status_of(self, order_id: str) -> str | None:
        """Where the customer's order stands."""
        order = (await self.gateway.graphql(STATUS, {"id": order_id}))["data"]["order"]
        return order and str(order["status"])

    async def service(self, name: str) -> Json:
        """What is said of one."""
        return next(each for each in (await self.state())["services"] if each["name"] == name)


@asynccontextmanager
async def page_of(place: Place, parts: Parts | None = None, **settings: Any) -> AsyncIterator[Page]:
    """A page of a gateway of its own, in front of these services."""
    addresses = {name.lower(): url for name, url in parts.addresses.items()} if parts else {}
    chosen = {**addresses, "bff_order_timeout_ms": 5000, "bff_payment_deadline_ms": 3000, **settings}
    async with gateway_of(place, **chosen) as gateway:
        yield Page(gateway)
