"""The watchdog with the real payment service beside it, over sockets."""

import httpx2
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from schema.projection import project
from schema.requests import OrderReply
from schema.views import OrderStatus
from services.chassis import mongo
from services.order.app import build
from services.order.settings import OrderSettings
from services.payment.app import build as build_payment
from services.payment.settings import PaymentSettings
from tests import facts
from tests.conftest import NOWHERE, Place
from tests.services.serving import ready, sent, serving
from tests.services.sockets import on_a_socket
from tests.waiting import until


def impatient(place: Place, payment_url: str) -> Starlette:
    times = {"order_payment_patience_seconds": 0.3, "order_watch_seconds": 0.1}
    return build(place.settings(OrderSettings, payment_url=payment_url, **times))


async def stands(database: mongo.Database, order_id: str) -> tuple[OrderStatus, object]:
    document = await database.client[f"{database.name}_order"]["orders"].find_one({"_id": order_id})
    assert document is not None
    view = project(OrderReply.model_validate({"order_id": order_id, **document}).facts)
    assert view is not None
    return view.status, view.cancel_reason


async def placed(client: httpx2.AsyncClient) -> str:
    response = await sent(client, "POST", "/orders", facts.place_order())
    return OrderReply.model_validate_json(response.content).order_id


async def test_an_order_that_nobody_pays_is_canceled(place: Place, database: mongo.Database) -> None:
    async with serving(impatient(place, f"http://{NOWHERE}")) as client:
        await until(ready(client))
        order_id = await placed(client)

        async def is_canceled() -> bool:
            return (await stands(database, order_id)) == (OrderStatus.CANCELED, "PAYMENT_TIMEOUT")

        await until(is_canceled)


async def test_an_approval_that_was_never_told_is_asked_for(place: Place, database: mongo.Database) -> None:
    """Payment's broker is away, so its fact does not come by itself."""
    silent = place.settings(PaymentSettings, rabbitmq_url=f"amqp://guest:guest@{NOWHERE}/")
    async with on_a_socket(build_payment(silent)) as url, serving(impatient(place, url)) as client:
        await until(ready(client))
        order_id = await placed(client)
        async with httpx2.AsyncClient(base_url=url) as payment:
            response = await sent(payment, "PUT", f"/payments/{order_id}", facts.approve_payment())
        assert response.json()["status"] == "APPROVED"

        async def is_paid() -> bool:
            return (await stands(database, order_id))[0] is OrderStatus.PAID

        await until(is_paid)


async def test_numbers_can_be_read_by_prometheus(place_without_broker: Place) -> None:
    async with serving(impatient(place_without_broker, f"http://{NOWHERE}")) as client:
        families = {each.name for each in text_string_to_metric_families((await client.get("/metrics")).text)}
    assert {"outbox_told", "outbox_failed", "outbox_depth", "outbox_age_seconds"} <= families
