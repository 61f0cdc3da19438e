from hypothesis import given
from hypothesis import strategies as st

from schema.events import Event
from schema.projection import project
from services.mypage.projection import Page, take_in
from tests import facts

ALL = facts.every_kind()


def page_of(told: list[Event]) -> Page:
    page: Page | None = None
    for fact in told:
        page = take_in(page, fact)
    assert page is not None
    return page


@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=30))
def test_every_order_and_repetition_of_the_same_facts_gives_one_page(told: list[Event]) -> None:
    once = sorted(set(told), key=lambda fact: fact.id)
    assert page_of(told) == page_of(once)
    assert page_of(told).view == project(once)


@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=30))
def test_version_counts_distinct_facts_and_only_grows(told: list[Event]) -> None:
    for count in range(1, len(told) + 1):
        page = page_of(told[:count])
        assert page.version == len(set(told[:count]))
        assert page.view is None or page.view.version == page.version


def test_a_fact_that_is_known_leaves_the_very_same_page() -> None:
    page = page_of([facts.placed(), facts.approved()])
    assert take_in(page, facts.approved()) is page
    assert take_in(page, facts.approved(at=facts.after(99))) is page


def test_without_its_order_a_page_shows_nothing_but_forgets_nothing() -> None:
    page = page_of([facts.started(), facts.approved()])
    assert page.view is None
    assert page.version == 2
    whole = take_in(page, facts.placed())
    assert whole.view is not None
    assert whole.view.version == 3
