"""What users were told is compared with what four services say, on a real socket."""

from dataclasses import replace

import pytest

from compose.ops.story import Story
from compose.siege import truth
from compose.siege.answers import DECLINED as WAS_DECLINED
from compose.siege.answers import PENDING, PLACED
from compose.siege.tally import Tally
from tests.compose.ops.entries import CANCELED, CANCELED_UNPAID, DECLINED, DELIVERED, page, story
from tests.compose.ops.saying import Saying

pytestmark = pytest.mark.usefixtures("at_once")

STANDS = story(DELIVERED)


async def found(saying: Saying, tally: Tally, *stories: Story) -> truth.Aftermath:
    saying.say(*stories)
    return await truth.look(saying.addresses, tally)


def told(kind: str) -> Tally:
    return Tally(told={"order-1": kind})


@pytest.mark.parametrize(
    ("kind", "tale"),
    [
        (PLACED, STANDS),
        (PENDING, STANDS),
        (PENDING, story(CANCELED_UNPAID)),
        (WAS_DECLINED, story(DECLINED)),
    ],
)
async def test_what_is_so_is_well(saying: Saying, kind: str, tale: Story) -> None:
    aftermath = await found(saying, told(kind), tale)
    assert (aftermath.untrue, aftermath.told, aftermath.clean) == ((), 1, True)


@pytest.mark.parametrize(
    ("kind", "tale", "sentence"),
    [
        (PLACED, story(CANCELED_UNPAID), "and it was never paid"),
        (PLACED, story(CANCELED), "and it is canceled"),
        (PLACED, replace(STANDS, mypage=page(DELIVERED[:1])), "and MyPage shows PAYMENT_PENDING"),
        (PLACED, replace(STANDS, mypage=None), "and MyPage shows nothing"),
        (PLACED, replace(STANDS, order=None), "and there is no such order"),
        (PENDING, replace(STANDS, mypage=None), "and MyPage does not show it"),
        (WAS_DECLINED, STANDS, "and nobody declined it"),
    ],
)
async def test_what_is_not_so_is_found(saying: Saying, kind: str, tale: Story, sentence: str) -> None:
    aftermath = await found(saying, told(kind), tale)
    assert len(aftermath.untrue) == 1
    assert aftermath.untrue[0].startswith(f"order order-1: told {kind}, ")
    assert sentence in aftermath.untrue[0]
    assert not aftermath.clean


async def test_an_order_that_nobody_knows_is_found(saying: Saying) -> None:
    aftermath = await found(saying, Tally(told={"order-2": PLACED}), STANDS)
    assert aftermath.untrue == ("order order-2: told OrderPlaced, and there is no such order",)


async def test_an_order_that_stands_though_it_was_refused_is_found(saying: Saying) -> None:
    aftermath = await found(saying, Tally(refused={"key-1", "key-2"}), STANDS)
    assert aftermath.untrue == ("order order-1: told that nothing was ordered, and it stands",)
    assert aftermath.told == 2


async def test_a_refusal_of_what_was_canceled_is_true(saying: Saying) -> None:
    gone = story(CANCELED_UNPAID, order={"idempotency_key": None})
    assert not (await found(saying, Tally(refused={"key-1"}), gone)).untrue
