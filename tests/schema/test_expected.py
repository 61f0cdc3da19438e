"""What is expected next, and that it agrees with what the view calls settled."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.events import Event
from schema.expected import expected
from schema.projection import project
from tests import facts

PAID = (facts.placed(), facts.approved())
DELIVERING = (*PAID, facts.started())
CANCELED = (*DELIVERING, facts.canceled())


@pytest.mark.parametrize(
    ("known", "next_one", "since"),
    [
        ((facts.placed(),), "payment.approved", 0),
        (PAID, "delivery.started", 1),
        (DELIVERING, "delivery.completed", 2),
        ((facts.placed(), facts.canceled()), "payment.canceled", 5),
        (CANCELED, "payment.canceled", 5),
        ((*CANCELED, facts.payment_canceled()), "delivery.canceled", 6),
        ((*DELIVERING, facts.payment_canceled()), "order.canceled", 6),
        ((facts.approved(),), "order.placed", 1),
        ((facts.placed(), facts.started()), "payment.approved", 2),
    ],
)
def test_each_wait_is_for_one_fact_since_what_called_for_it(
    known: tuple[Event, ...], next_one: str, since: float
) -> None:
    waiting = expected(known)
    assert waiting is not None
    assert (waiting.type, waiting.since) == (next_one, facts.after(since))
    assert waiting.by == next_one.split(".")[0]
    assert waiting.open_ended is (next_one == "delivery.completed")


def test_of_nothing_nothing_can_be_expected() -> None:
    with pytest.raises(ValueError, match="nothing is known"):
        expected([])


@given(st.data())
def test_neither_order_nor_repetition_matters(data: st.DataObject) -> None:
    known = data.draw(st.lists(st.sampled_from(facts.every_kind()), min_size=1))
    assert expected(known) == expected(data.draw(st.permutations(known))) == expected([*known, *known])


STORIES = [
    (*DELIVERING, facts.completed()),
    (facts.placed(), facts.declined()),
    (facts.placed(), facts.canceled(), facts.payment_canceled(approved=False)),
    (*CANCELED, facts.payment_canceled(), facts.delivery_canceled()),
    (*PAID, facts.canceled(), facts.payment_canceled(), facts.delivery_canceled(started=False)),
    (*DELIVERING, facts.completed(), facts.canceled(), facts.payment_canceled(), facts.return_requested()),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: "+".join(fact.type for fact in story))
def test_of_what_can_happen_nothing_is_expected_exactly_where_the_view_is_settled(
    story: tuple[Event, ...],
) -> None:
    for size in range(1, len(story) + 1):
        for part in itertools.combinations(story, size):
            view = project(part)
            assert (expected(part) is None) is (view is not None and view.settled), part
