"""The order service's feed, on the real MongoDB; RabbitMQ is away."""

import httpx2

from schema.feed import OrderEntry
from schema.requests import CancelOrder, OrderReply
from services.order.app import build
from services.order.settings import OrderSettings
from tests import facts
from tests.conftest import NOWHERE, Place
from tests.services.feeding import entry_of, page_of
from tests.services.serving import ready, sent, serving
from tests.waiting import until


async def placed(client: httpx2.AsyncClient, **changes: str) -> OrderReply:
    response = await sent(client, "POST", "/orders", facts.place_order(**changes))
    return OrderReply.model_validate_json(response.content)


async def test_the_feed_says_what_was_ordered_and_whether_its_key_is_free(
    place_without_broker: Place,
) -> None:
    settings = place_without_broker.settings(OrderSettings, payment_url=f"http://{NOWHERE}")
    async with serving(build(settings)) as client:
        await until(ready(client))
        stands, given_up = await placed(client), await placed(client, idempotency_key="key-2")
        command = CancelOrder(customer_id=facts.CUSTOMER, reason="PAYMENT_UNAVAILABLE", attempt=1)
        await sent(client, "POST", f"/orders/{given_up.order_id}/cancel", command)
        entries = {each.order_id: each for each in (await page_of(client, OrderEntry)).entries}
        entry = await entry_of(client, OrderEntry, stands.order_id)
    assert entries.keys() == {stands.order_id, given_up.order_id}
    assert (entry.facts, entry.customer_id) == (stands.facts, facts.CUSTOMER)
    assert (entry.idempotency_key, entry.attempt) == ("key-1", 1)
    assert (entry.told, [each.id for each in entry.untold]) == ((), [stands.facts[0].id])
    assert entry.untold[0].at == stands.facts[0].at
    assert entries[given_up.order_id].idempotency_key is None
    assert [each.type for each in entries[given_up.order_id].facts] == ["order.placed", "order.canceled"]
