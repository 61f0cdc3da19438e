"""Subscriptions that were opened and dropped leave nothing behind."""

from bff.edge.lives import Lives
from bff.feed import Feed
from tests.bff.alive import every, generators, tasks
from tests.bff.conftest import Open
from tests.bff.dropping import drop
from tests.waiting import until


async def test_subscriptions_opened_and_dropped_leave_nothing_behind(open_gateway: Open) -> None:
    async with open_gateway() as gateway:
        await drop(gateway.address, range(10))
        await until(lambda: not any(feed._mailboxes for feed in every(Feed)))
        await until(lambda: not any(lives._open for lives in every(Lives)))
        before = tasks(), generators()
        await drop(gateway.address, range(300))
        await until(lambda: not any(feed._mailboxes for feed in every(Feed)))
        await until(lambda: not any(lives._open for lives in every(Lives)))
        assert not any(lives._customers or lives._strangers for lives in every(Lives))
        await until(lambda: tasks() <= before[0] and generators() <= before[1])
        assert await gateway.metric("subscriptions_open") == 0
        for kind in ("websocket", "sse"):
            assert await gateway.metric("connections_open", transport=kind) == 0
