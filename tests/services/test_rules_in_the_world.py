"""The audit's rules over random interleavings of all that can happen: nothing true is ever a violation."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compose.ops.verdict import State, judge
from tests.services.said import stories
from tests.services.test_world import BEGINNINGS
from tests.services.world import World

MOST_MOVES = 100
THOROUGHLY = settings(max_examples=100, suppress_health_check=list(HealthCheck))
FOREVER = timedelta(days=10_000)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("ERROR")


@given(st.data(), st.sampled_from(BEGINNINGS))
@THOROUGHLY
def test_what_really_happens_is_young_or_in_order_and_in_the_end_in_order(
    data: st.DataObject, beginning: Callable[[World], None]
) -> None:
    with closing(World()) as world:
        beginning(world)
        for _ in range(data.draw(st.integers(1, MOST_MOVES))):
            data.draw(st.sampled_from(world.moves()))()
            for told in stories(world):
                verdict = judge(told, world.clock(), FOREVER)
                assert verdict.state in {State.OK, State.YOUNG}, verdict.findings
        world.settle()
        world.hand_over()
        for told in stories(world):
            verdict = judge(told, world.clock(), timedelta(0))
            assert verdict.state is State.OK, verdict.findings
