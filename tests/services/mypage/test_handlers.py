from collections.abc import Sequence

import pytest

from schema.views import OrderView
from services.mypage import handlers
from services.mypage.projection import Change, page_of
from tests import facts
from tests.services.fakes import FakePages


class Announced(list[OrderView]):
    async def __call__(self, view: OrderView) -> None:
        self.append(view)


async def test_each_new_fact_is_announced_as_a_new_view() -> None:
    pages, announced = FakePages(), Announced()
    for fact in (facts.placed(), facts.approved()):
        await handlers.hear(fact, pages, announced)
    assert [view.version for view in announced] == [1, 2]
    assert announced[-1] == pages.kept[facts.ORDER].view


async def test_a_repetition_is_announced_too() -> None:
    """The first time may have ended between the page and its announcement."""
    pages, announced = FakePages(), Announced()
    for _ in range(2):
        await handlers.hear(facts.placed(), pages, announced)
    assert [view.version for view in announced] == [1, 1]


async def test_what_no_customer_can_see_yet_is_not_announced() -> None:
    pages, announced = FakePages(), Announced()
    await handlers.hear(facts.approved(), pages, announced)
    assert announced == []
    await handlers.hear(facts.placed(), pages, announced)
    assert [view.version for view in announced] == [2]


async def test_who_comes_second_takes_the_first_ones_fact_along() -> None:
    class Crowded(FakePages):
        async def keep_all(self, changes: Sequence[Change]) -> dict[str, Exception]:
            if not self.kept:
                self.kept[facts.ORDER] = page_of(facts.ORDER, [facts.canceled()])
            return await super().keep_all(changes)

    pages, announced = Crowded(), Announced()
    await handlers.hear(facts.placed(), pages, announced)
    assert [view.version for view in announced] == [2]


async def test_a_page_that_could_not_be_kept_is_not_announced() -> None:
    class Away(FakePages):
        async def keep_all(self, changes: Sequence[Change]) -> dict[str, Exception]:
            del changes
            raise ConnectionError

    announced = Announced()
    with pytest.raises(ConnectionError):
        await handlers.hear(facts.placed(), Away(), announced)
    assert announced == []
