"""The payment service's feed, on the real MongoDB; RabbitMQ is away."""

from collections.abc import Sequence

import pytest
from starlette.exceptions import HTTPException

from schema.feed import Account, PaymentEntry
from schema.views import PaymentStatus
from services.chassis import mongo
from services.payment.app import Accounts, build
from services.payment.provider import ProviderUnavailableError
from services.payment.settings import PaymentSettings
from tests import facts
from tests.conftest import Place
from tests.services.feeding import entry_of, page_of
from tests.services.payment.test_handlers import Provider
from tests.services.serving import ready, sent, serving
from tests.waiting import until


async def test_the_feed_says_what_was_paid_and_what_the_provider_says_of_it(
    place_without_broker: Place, database: mongo.Database
) -> None:
    settings = place_without_broker.settings(
        PaymentSettings, payment_sandbox_latency_ms_min=0, payment_sandbox_latency_ms_max=0
    )
    async with serving(build(settings)) as client:
        await until(ready(client))
        for order_id, method in (
            ("order-1", "card-ok"),
            ("order-2", "card-declined"),
            ("order-3", "card-ok"),
        ):
            await sent(client, "PUT", f"/payments/{order_id}", facts.approve_payment(method=method))
        ledger = database.client[f"{database.name}_payment"]["sandbox_ledger"]
        await ledger.update_one({"_id": "order-3"}, {"$inc": {"charges": 1, "amount": facts.AMOUNT}})
        paid, declined, twice = (await page_of(client, PaymentEntry)).entries
        assert await entry_of(client, PaymentEntry, "order-1") == paid
    assert (paid.status, paid.amount) == (PaymentStatus.APPROVED, facts.AMOUNT)
    assert (paid.charge_due, paid.refund_due) == (None, None)
    assert paid.account == Account(charges=1, charged=facts.AMOUNT, given_back=0)
    assert (declined.status, declined.account) == (PaymentStatus.DECLINED, Account())
    assert twice.account == Account(charges=2, charged=2 * facts.AMOUNT)


async def test_while_the_provider_s_books_are_closed_the_feed_does_not_guess() -> None:
    class Closed(Provider):
        async def statements(self, keys: Sequence[str]) -> dict[str, Account]:
            raise ProviderUnavailableError(keys)

    with pytest.raises(HTTPException) as refused:
        await Accounts(Closed()).add([{"order_id": "order-1"}])
    assert refused.value.status_code == 503
