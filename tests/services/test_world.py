"""What must hold, always: over random interleavings of everything that can happen."""

from collections.abc import Callable, Sequence
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.events import Event, OrderCanceled, PaymentApproved
from schema.projection import project
from schema.views import DeliveryStatus, OrderStatus, PaymentStatus
from services.mypage.projection import Page, take_in
from tests.services.world import World

MOST_MOVES = 120
THOROUGHLY = settings(max_examples=150, suppress_health_check=list(HealthCheck))


def must_hold_always(world: World, versions: dict[str, int]) -> None:
    assert all(times == 1 for times in world.ledger.takings.values()), "charged twice"
    for order_id, payment in world.payments.kept.items():
        state = world.ledger.states.get(order_id)
        if payment.status is PaymentStatus.APPROVED:
            assert state == "CHARGED", "approved without money"
        if payment.status is PaymentStatus.CANCELED and state == "CHARGED":
            assert payment.refund_due, "money kept for nothing"
    for order_id, delivery in world.deliveries.kept.items():
        if delivery.status is not DeliveryStatus.CANCELED:
            assert any(isinstance(fact, PaymentApproved) for fact in world.payments.kept[order_id].facts)
    for store in world.stores:
        for kept in store.kept.values():
            assert len({fact.id for fact in kept.facts}) == len(kept.facts), "a fact twice"
    for order_id, page in world.pages.kept.items():
        assert page.version == len(set(page.facts)) >= versions.get(order_id, 0), "a version went back"
        versions[order_id] = page.version


def must_hold_in_the_end(world: World, order_id: str) -> None:
    order, page = world.orders.kept[order_id], world.pages.kept[order_id]
    payment, delivery = world.payments.kept.get(order_id), world.deliveries.kept.get(order_id)
    ledger = world.ledger.states.get(order_id)
    told = {fact for store in world.stores if (kept := store.kept.get(order_id)) for fact in kept.facts}
    assert set(page.facts) == set(order.facts) == told, "somebody did not hear everything"
    assert page.view == project(order.facts)
    assert page.view is not None
    assert payment is not None
    assert payment.refund_due is payment.charge_due is None, "something is still to be done"
    if page.view.status is OrderStatus.CANCELED:
        assert payment.status in {PaymentStatus.CANCELED, PaymentStatus.DECLINED}
        assert ledger != "CHARGED"
        assert not delivery or delivery.status in {DeliveryStatus.CANCELED, DeliveryStatus.RETURN_REQUESTED}
        assert page.view.settled
    elif page.view.status is OrderStatus.PAYMENT_DECLINED:
        assert payment.status is PaymentStatus.DECLINED
        assert (ledger, delivery) == (None, None)
        assert page.view.settled
    else:
        assert payment.status is PaymentStatus.APPROVED
        assert ledger == "CHARGED"
        assert delivery is not None
        delivered = delivery.status is DeliveryStatus.DELIVERED
        assert delivered or delivery.status is DeliveryStatus.STARTED
        assert page.view.settled is delivered


def must_hold_of_the_story(told: Sequence[Event]) -> None:
    """Settled when the last is in: before it only where nobody could know that a cancellation would come."""
    page: Page | None = None
    for fact in told:
        page = take_in(page, fact)
        assert take_in(page, fact) is page
        if page.view and page.view.settled and page.version < len(told):
            assert not any(isinstance(known, OrderCanceled) for known in page.facts)
            assert any(isinstance(each, OrderCanceled) for each in told)
    assert page is not None
    assert page.view == project(told)
    assert page.view is not None
    assert page.view.settled


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("ERROR")


def nothing_yet(_: World) -> None:
    pass


def charging(world: World) -> None:
    """The money is taken, and nobody knows yet."""
    world.begin(world.place, "key-1")
    while not world.ledger.takings:
        world.go_on(world.tasks[0])


def paid(world: World) -> None:
    charging(world)
    world.run()


def delivering(world: World) -> None:
    paid(world)
    world.settle()


def canceled_while_charging(world: World) -> None:
    charging(world)
    world.begin(world.cancel, "order-1")
    while len(world.tasks) > 1:
        world.go_on(world.tasks[1])
    world.tell_all()


def canceled_while_paid(world: World) -> None:
    paid(world)
    world.begin(world.cancel, "order-1")
    world.run()
    world.tell_all()


BEGINNINGS = [nothing_yet, charging, paid, delivering, canceled_while_charging, canceled_while_paid]


@given(st.data(), st.sampled_from(BEGINNINGS))
@THOROUGHLY
def test_whatever_happens_in_whatever_order_money_goods_and_pages_agree(
    data: st.DataObject, beginning: Callable[[World], None]
) -> None:
    with closing(World()) as world:
        beginning(world)
        versions: dict[str, int] = {}
        for _ in range(data.draw(st.integers(1, MOST_MOVES))):
            data.draw(st.sampled_from(world.moves()))()
            must_hold_always(world, versions)
        world.settle()
        must_hold_always(world, versions)
        for order_id in world.orders.kept:
            must_hold_in_the_end(world, order_id)
        world.hand_over()
        must_hold_always(world, versions)
        for order_id, page in world.pages.kept.items():
            must_hold_in_the_end(world, order_id)
            must_hold_of_the_story(data.draw(st.permutations(page.facts)))


@pytest.mark.parametrize("beginning", BEGINNINGS[1:])
def test_whatever_is_told_again_leads_to_no_endless_exchange(beginning: Callable[[World], None]) -> None:
    """Each answer to a repetition is another repetition: it ends with who answers nobody."""
    with closing(World()) as world:
        beginning(world)
        world.settle()
        before = {each: store.kept[each].facts for store in world.stores for each in store.kept}
        for store in world.stores:
            for fact in [fact for kept in store.kept.values() for fact in kept.facts]:
                world.tell(store, fact, marked=False)
        world.settle()
        assert before == {each: store.kept[each].facts for store in world.stores for each in store.kept}
        assert not world.in_flight


@pytest.mark.parametrize("beginning", BEGINNINGS[1:])
@pytest.mark.parametrize("hearer", ["order", "payment", "delivery"])
def test_whoever_misses_everything_once_is_told_again(
    beginning: Callable[[World], None], hearer: str
) -> None:
    with closing(World()) as world:
        beginning(world)
        world.go_on_without(hearer)
        world.settle()
        world.begin(world.cancel, "order-1")
        world.run()
        world.go_on_without(hearer)
        world.settle()
        must_hold_in_the_end(world, "order-1")
