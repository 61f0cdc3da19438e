"""The audit over feeds that move while they are read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from compose.ops import audit
from compose.ops.audit import Report
from compose.ops.feeds import Feeds, NoAnswer
from compose.ops.story import Story
from compose.ops.verdict import State
from compose.trouble import Trouble
from schema.events import Event
from tests import facts
from tests.compose.ops.entries import CANCELED, DELIVERING, PAID, books, story
from tests.compose.ops.saying import Saying, on_a_socket_of_their_own

pytestmark = pytest.mark.usefixtures("at_once")

GRACE = timedelta(seconds=60)
BUT_FOUND = {State.BROKEN: 0, State.STUCK: 0}


def later() -> datetime:
    return facts.after(3600)


async def audited(saying: Saying, *orders: str, **others: Any) -> Report:
    return await audit.run(saying.addresses, grace=GRACE, clock=later, orders=orders, **others)


def of(number: int, kinds: Sequence[Event] = DELIVERING, **changes: Any) -> Story:
    """An order of its own, with a key of its own."""
    order_id = f"order-{number:03}"
    told = tuple(fact.model_copy(update={"order_id": order_id}) for fact in kinds)
    key = {"idempotency_key": f"key-{number}"}
    return story(told, **(changes | {"order": key | changes.get("order", {})}))


def rules(report: Report) -> dict[str, set[str]]:
    return {found.story.order_id: {each.rule for each in found.findings} for found in report.found}


async def test_feeds_are_read_side_by_side_to_their_ends(saying: Saying) -> None:
    placed = (facts.placed(),)
    said = [
        of(number, placed if number % 3 else CANCELED if number % 2 else DELIVERING) for number in range(25)
    ]
    saying.say(*said)
    async with Feeds(saying.addresses, page=4) as feeds:
        assert [each async for each in feeds.stories()] == said


async def test_of_a_feed_two_pages_at_most_are_in_memory(saying: Saying) -> None:
    saying.say(*(of(number) for number in range(30)))
    async with Feeds(saying.addresses, page=5) as feeds:
        async for number, _ in _numbered(feeds):
            asked = [question for question in saying.questions if question.startswith("order ?")]
            assert len(asked) <= number // 5 + 2


class Nonsense:
    """An entry in which somebody's hand has left a status that there is not."""

    order_id = "order-003"
    text = '{"order_id": "order-003", "status": "LOST"}'

    def model_dump_json(self, **_: object) -> str:
        return self.text


class NobodysNonsense(Nonsense):
    """An entry that does not even say whose it is."""

    text = '{"status": "LOST"}'


async def test_what_cannot_be_read_is_found_and_hides_no_other(saying: Saying) -> None:
    saying.say(*(of(number) for number in range(10)), of(7, (facts.placed(),)))
    saying.entries["payment"]["order-003"] = Nonsense()
    report = await audited(saying)
    assert rules(report) == {"order-003": {"can_be_read"}, "order-007": {"the_next_fact_comes_in_time"}}
    found = {verdict.story.order_id: verdict.findings[0].says for verdict in report.found}
    assert found["order-003"] == "payment keeps facts: Field required"
    assert rules(await audited(saying, "order-003")) == {"order-003": {"can_be_read"}}


async def _numbered(feeds: Feeds) -> Any:
    number = 0
    async for each in feeds.stories():
        yield number, each
        number += 1


async def test_orders_that_are_well_are_counted_and_nothing_is_found(saying: Saying) -> None:
    saying.say(of(1), of(2, CANCELED), of(3, PAID))
    report = await audit.run(saying.addresses, grace=timedelta(hours=2), clock=later)
    assert report.clean
    assert (report.orders, report.states) == (3, {State.OK: 2, State.YOUNG: 1})
    assert report.found == []


async def test_what_is_wrong_is_found_with_its_story(saying: Saying) -> None:
    wrong = of(2, payment={"account": books(charges=2)})
    saying.say(of(1), wrong, of(3, PAID))
    report = await audited(saying)
    assert not report.clean
    assert rules(report) == {"order-002": {"charged_once"}, "order-003": {"the_next_fact_comes_in_time"}}
    assert report.states == {State.OK: 1, State.BROKEN: 1, State.STUCK: 1}
    assert report.violations == {"charged_once": 1}
    assert report.found[0].story == wrong


async def test_a_payment_whose_order_nobody_placed_is_found(saying: Saying) -> None:
    whole = of(1)
    saying.say(Story("order-001", payment=whole.payment), of(2))
    assert rules(await audited(saying)) == {"order-001": {"nothing_without_an_order"}}


async def test_an_order_that_comes_while_the_feeds_are_read_is_no_orphan(saying: Saying) -> None:
    """Its place in order's feed is behind the reader, its payment is met."""
    whole = of(1)
    saying.say(Story("order-001", payment=whole.payment))

    def placed_meanwhile(question: str) -> None:
        if question == "mypage order-001":
            saying.say(whole)

    saying.asked = placed_meanwhile
    report = await audited(saying)
    assert report.clean
    assert report.orders == 1


async def test_what_moves_on_between_one_feed_and_the_next_is_no_violation(saying: Saying) -> None:
    """Order's page is read before the approval, delivery's after it."""
    saying.say(of(1, (facts.placed(),)))

    def paid_meanwhile(question: str) -> None:
        if question.startswith("delivery ?"):
            saying.say(of(1))

    saying.asked = paid_meanwhile
    report = await audited(saying)
    assert report.states == {State.OK: 1}


async def test_what_is_wrong_in_another_way_at_each_look_is_left_to_the_next_audit(saying: Saying) -> None:
    saying.say(of(1, payment={"account": books(charges=2)}))
    charges = iter(range(3, 100))

    def moves(question: str) -> None:
        if question.startswith("mypage order"):
            saying.say(of(1, payment={"account": books(charges=next(charges))}))

    saying.asked = moves
    report = await audited(saying)
    assert report.clean
    assert report.states == {State.YOUNG: 1}


async def test_effects_are_read_again_before_their_causes(saying: Saying) -> None:
    saying.say(of(1, payment={"account": books(charges=2)}))
    await audited(saying)
    again = [question.split()[0] for question in saying.questions if "?" not in question]
    assert again == ["mypage", "delivery", "payment", "order"] * 3


async def test_two_orders_of_one_key_are_found(saying: Saying) -> None:
    key = {"idempotency_key": "mine"}
    saying.say(of(1, order=key), of(2), of(3, order=key))
    assert rules(await audited(saying)) == {"order-003": {"one_order_per_key"}}


async def test_a_key_that_was_given_up_while_the_feeds_were_read_led_to_one_order(saying: Saying) -> None:
    saying.say(of(1, order={"idempotency_key": "mine"}), of(3, order={"idempotency_key": "mine"}))

    def given_up(question: str) -> None:
        if question == "mypage order-003":
            saying.say(of(1, order={"idempotency_key": None}))

    saying.asked = given_up
    assert (await audited(saying)).clean


async def test_more_than_can_be_looked_at_together_is_all_found(
    saying: Saying, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "SUSPECTS_AT_ONCE", 2)
    monkeypatch.setattr(audit, "KEPT", 3)
    saying.say(*(of(number, PAID) for number in range(5)))
    report = await audited(saying)
    assert report.states == {State.STUCK: 5}
    assert len(report.found) == 3


async def test_the_orders_that_are_named_are_read_alone(saying: Saying) -> None:
    saying.say(of(1, PAID), of(2, PAID))
    report = await audited(saying, "order-002", "order-002")
    assert list(rules(report)) == ["order-002"]
    assert not any("?" in question or "order-001" in question for question in saying.questions)


async def test_an_order_that_nobody_knows_is_trouble(saying: Saying) -> None:
    with pytest.raises(Trouble, match="No service knows an order order-9: check the id"):
        await audited(saying, "order-9")


async def test_progress_is_told(saying: Saying) -> None:
    saying.say(*(of(number) for number in range(5)))
    seen: list[int] = []
    await audited(saying, progress=lambda report: seen.append(report.orders))
    assert seen == [1, 2, 3, 4, 5]


async def test_a_service_that_is_away_is_named() -> None:
    async with on_a_socket_of_their_own(("order", "payment", "mypage")) as saying:
        with pytest.raises(NoAnswer, match=r"The delivery service at http.* does not answer") as raised:
            await audited(saying)
    assert raised.value.service == "delivery"


@pytest.mark.parametrize("status", [500, 503, 504])
async def test_a_passing_failure_passes(saying: Saying, status: int) -> None:
    saying.say(of(1))
    saying.fails["payment"] = [status, status]
    assert (await audited(saying)).clean
    saying.fails["payment"] = [status] * 3
    with pytest.raises(NoAnswer, match=f"The payment service at .* answers {status}"):
        await audited(saying)


async def test_a_service_without_a_feed_is_not_taken_for_one_that_knows_nothing(saying: Saying) -> None:
    saying.say(of(1))
    saying.fails["delivery"] = [404]
    with pytest.raises(NoAnswer, match=r"The delivery service at .* has no feed"):
        await audited(saying)


async def test_what_makes_no_sense_is_not_taken_for_an_answer(saying: Saying) -> None:
    saying.entries["payment"]["order-003"] = NobodysNonsense()
    with pytest.raises(NoAnswer, match=r"The payment service at .* says what makes no sense"):
        await audited(saying)
