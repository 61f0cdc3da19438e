from datetime import datetime, timedelta

from services.chassis.healing import Hearing
from tests import facts


async def test_the_bus_has_been_there_for_as_long_as_it_was_without_a_break() -> None:
    seconds, there = 0, True

    async def connected() -> bool:
        return there

    def clock() -> datetime:
        return facts.after(seconds)

    hearing = Hearing(connected, clock)
    long = timedelta(seconds=30)
    assert not await hearing.lasted(long)
    seconds = 30
    assert await hearing.lasted(long)
    there = False
    assert not await hearing.lasted(long)
    there, seconds = True, 40
    assert not await hearing.lasted(long)
    seconds = 69
    assert not await hearing.lasted(long)
    seconds = 70
    assert await hearing.lasted(long)
