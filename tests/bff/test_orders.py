"""The order service away, coming back, or talking nonsense."""

import asyncio
import time

import pytest

from bff.ordering import Canceled, NotCancelable, Placed
from bff.orders import OrdersUnavailableError
from schema.views import PaymentStatus
from tests import facts
from tests.bff.placing import Shop, order, order_service, payment, shop_of
from tests.bff.serving import Stub, never, reply, says
from tests.waiting import until

FRUITS = reply(f"[{facts.APPLE.model_dump_json()}]")


@pytest.fixture(autouse=True)
def _payment_approves(payment_service: Stub) -> None:
    payment_service.script = says(payment(PaymentStatus.APPROVED, facts.approved()))


async def test_an_order_service_that_is_replaced_is_not_noticed(
    order_service: Stub, payment_service: Stub
) -> None:
    async with shop_of(order_service, payment_service) as shop:
        await order_service.stop()
        placing = asyncio.create_task(shop.place())
        done, _ = await asyncio.wait({placing}, timeout=0.3)
        assert not done
        await order_service.start()
        assert isinstance(await placing, Placed)
    assert shop.asked == ["/orders"]


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_an_answer_that_says_nothing_of_what_was_done_is_asked_for_again(
    shop: Shop, status: int
) -> None:
    shop.order_service.script = says(reply("not known", status), None, order())
    assert isinstance(await shop.place(), Placed)
    bodies = {heard.body for heard in shop.order_service.heard}
    assert (shop.asked, len(bodies)) == (["/orders"] * 3, 1)


@pytest.mark.parametrize("away", ["refused", "silent", "resetting", "busy"])
async def test_an_order_service_that_is_away_is_an_error_in_time(hasty_shop: Shop, away: str) -> None:
    if away == "refused":
        await hasty_shop.order_service.stop()
    scripts = {"silent": never(), "resetting": says(None), "busy": says(reply("{}", 503))}
    hasty_shop.order_service.script = scripts.get(away, never())
    began = time.perf_counter()
    with pytest.raises(OrdersUnavailableError):
        await hasty_shop.place()
    assert 0.45 <= time.perf_counter() - began < 3
    assert hasty_shop.payment_service.heard == []


async def test_a_bug_of_the_order_service_is_not_asked_for_again(shop: Shop) -> None:
    shop.order_service.script = says(reply("oops", 500))
    with pytest.raises(OrdersUnavailableError):
        await shop.place()
    assert shop.asked == ["/orders"]


async def test_an_order_service_that_does_not_let_us_in_is_away(shop: Shop) -> None:
    shop.order_service.script = says(reply('{"error": "who are you"}', 401))
    with pytest.raises(OrdersUnavailableError):
        await shop.place()
    assert shop.asked == ["/orders"]


async def test_giving_up_is_not_claimed_where_the_order_service_did_not_hear(hasty_shop: Shop) -> None:
    """The watchdog will settle it; nobody says that nothing was ordered."""
    await hasty_shop.payment_service.stop()
    hasty_shop.order_service.script = says(order(), reply("busy", 503))
    with pytest.raises(OrdersUnavailableError):
        await hasty_shop.place()
    assert hasty_shop.told("Unavailable") is None


async def test_what_became_of_a_cancellation_is_told(shop: Shop) -> None:
    cancel = shop.ordering.cancel
    shop.order_service.script = order_service(cancel=order(facts.canceled()))
    assert isinstance(await cancel(facts.ORDER, facts.CUSTOMER), Canceled)
    shop.order_service.script = order_service(cancel=order(facts.approved(), facts.completed(), status=409))
    assert isinstance(await cancel(facts.ORDER, facts.CUSTOMER), NotCancelable)
    shop.order_service.script = order_service(cancel=reply("none", 404))
    assert await cancel(facts.ORDER, facts.CUSTOMER) is None
    assert {(how.reason, how.attempt) for how in shop.canceled} == {("BY_CUSTOMER", None)}


@pytest.mark.parametrize("order_id", ["a/b", "../fruits", "?x=1", "#", "%2e", "주문", " ", "a\r\nb: c"])
async def test_an_order_id_cannot_lead_elsewhere(shop: Shop, order_id: str) -> None:
    shop.order_service.script = says(reply("none", 404))
    assert await shop.ordering.cancel(order_id, facts.CUSTOMER) is None
    (heard,) = shop.order_service.heard
    assert heard.path.startswith("/orders/")
    assert heard.path.endswith("/cancel")
    assert heard.path.count("/") == 3


async def test_fruits_are_read_once_in_a_while_and_kept_for_worse_times(
    hasty_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty_shop.order_service.script = says(FRUITS)
    assert await hasty_shop.orders.fruits() == await hasty_shop.orders.fruits() == [facts.APPLE]
    assert hasty_shop.asked == ["/fruits"]
    await hasty_shop.order_service.stop()
    monkeypatch.setattr("bff.orders.FRUITS_FRESH_SECONDS", 0.0)
    assert await hasty_shop.orders.fruits() == [facts.APPLE]


async def test_without_an_order_service_from_the_start_there_are_no_fruits(hasty_shop: Shop) -> None:
    await hasty_shop.order_service.stop()
    with pytest.raises(OrdersUnavailableError):
        await hasty_shop.orders.fruits()
    await hasty_shop.order_service.start()
    hasty_shop.order_service.script = says(FRUITS)
    await until(lambda: hasty_shop.order_service.port)
    assert await hasty_shop.orders.fruits() == [facts.APPLE]
