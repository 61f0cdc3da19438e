"""Subscriptions that were opened and dropped leave nothing behind."""

import gc
import weakref

from bff.edge.lives import Lives
from bff.edge.push import Push
from bff.edge.websocket import WebSocket
from bff.feed import Feed
from tests.bff.alive import every, every_kind_of, generators, tasks
from tests.bff.asking import Gateway
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


async def test_a_connection_that_is_over_is_gone_before_any_garbage_is_collected(gateway: Gateway) -> None:
    """Collecting holds everybody up: for half a second where five thousand are open."""
    async with gateway.connected() as socket:
        await socket.subscribes("1", "subscription { myOrderUpdates { id } }")
        await until(lambda: every(Push))
        left = [weakref.ref(kept) for each in every_kind_of(WebSocket) for kept in (each, each.conn)]
        gc.disable()
    try:
        await until(lambda: not [each for each in left if each()])
    finally:
        gc.enable()
