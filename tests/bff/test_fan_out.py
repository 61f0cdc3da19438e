"""One event, many watchers: each is told what is theirs, in their own words, and it is worked out once."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from bff.edge.lives import Life
from bff.feed import Feed
from bff.graph.compiled.declined import DeclinedError
from bff.graph.compiled.executor import CompilingExecutor
from bff.graph.compiled.plan import Plan
from schema.views import OrderView
from services.mypage.projection import take_in
from services.mypage.store import MongoPages
from tests import facts
from tests.bff.alive import every, tasks
from tests.bff.asking import Gateway, Socket
from tests.bff.conftest import Open
from tests.bff.test_feed import view
from tests.waiting import until

ONE = "subscription ($order: ID!) { orderStatus(orderId: $order) { id version status } }"
IN_WORDS = """
subscription ($order: ID!, $in: Locale) {
  orderStatus(orderId: $order) { version statusLabel(locale: $in) }
}
"""
Lives = Callable[[], list[Life]]
ALL = "subscription { myOrderUpdates { id version } }"


class Fan:
    """A gateway, its feed, and those who watch it."""

    def __init__(self, gateway: Gateway, feed: Feed, stack: AsyncExitStack) -> None:
        self._gateway = gateway
        self.feed = feed
        self._stack = stack

    async def signed_in(self, customer: str = facts.CUSTOMER) -> Socket:
        return await self._stack.enter_async_context(self._gateway.connected(customer))

    async def watching(self, query: str, **variables: Any) -> Socket:
        """Somebody who has been told the present."""
        socket = await self.signed_in()
        await socket.subscribes("1", query, **variables)
        await said(socket)
        return socket

    async def hear(self, *views: OrderView) -> None:
        await self.feed.hear(views)


async def said(socket: Socket) -> Any:
    """The data that comes next."""
    message = await socket.hears()
    assert message["type"] == "next", message
    return next(iter(message["payload"]["data"].values()))


@pytest.fixture
async def fan(lives: Lives, open_gateway: Open, kept: MongoPages) -> AsyncIterator[Fan]:
    del lives  # it is to see the gateway opened
    known = every(Feed)
    await kept.prepare()
    await kept.add([page for name in "ab" if (page := take_in(None, facts.placed(name)))], {})
    async with open_gateway() as gateway, AsyncExitStack() as stack:
        (feed,) = [each for each in every(Feed) if each not in known]
        yield Fan(gateway, feed, stack)


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was completed, event by event."""
    found: list[Any] = []
    real = CompilingExecutor.event

    def event(executor: CompilingExecutor, payload: Any) -> Any:
        found.append(payload)
        return real(executor, payload)

    monkeypatch.setattr(CompilingExecutor, "event", event)
    return found


async def test_an_event_is_worked_out_once_however_many_watch(fan: Fan, executed: list[Any]) -> None:
    sockets = [await fan.watching(ONE, order="a") for _ in range(4)]
    executed.clear()
    await fan.hear(view(2, "a"), view(3, "a"))
    for version in (2, 3):
        for socket in sockets:
            assert await said(socket) == {"id": "a", "version": version, "status": "PAYMENT_PENDING"}
    assert len(executed) == 2


async def test_another_order_is_the_same_selection_and_another_event(fan: Fan, executed: list[Any]) -> None:
    first, second = await fan.watching(ONE, order="a"), await fan.watching(ONE, order="b")
    executed.clear()
    await fan.hear(view(2, "b"), view(2, "a"))
    assert ((await said(first))["id"], (await said(second))["id"]) == ("a", "b")
    assert len(executed) == 2


async def test_each_is_told_in_their_own_words(fan: Fan, executed: list[Any]) -> None:
    plain = await fan.watching(ONE, order="a")
    korean = await fan.watching(IN_WORDS, order="a", **{"in": "KO"})
    english = await fan.watching(IN_WORDS, order="a", **{"in": "EN"})
    neither = await fan.watching(IN_WORDS, order="a")
    executed.clear()
    await fan.hear(view(2, "a"))
    assert await said(plain) == {"id": "a", "version": 2, "status": "PAYMENT_PENDING"}
    assert await said(korean) == await said(neither) == {"version": 2, "statusLabel": "결제 대기"}
    assert await said(english) == {"version": 2, "statusLabel": "Awaiting payment"}
    assert len(executed) == 4


async def test_nobody_is_told_what_is_another_customers(fan: Fan) -> None:
    mine = await fan.watching(ALL)
    theirs = await fan.signed_in("customer-2")
    await theirs.subscribes("1", ALL)
    await until(lambda: len(fan.feed._mailboxes) == 2)
    await fan.hear(view(2, "a"), view(1, "c", "customer-2"), view(9, "b", "customer-2"))
    assert [await said(theirs) for _ in range(2)] == [{"id": "c", "version": 1}, {"id": "b", "version": 9}]
    assert await said(mine) == {"id": "b", "version": 1}
    assert await said(mine) == {"id": "a", "version": 2}
    await fan.hear(view(3, "a"))
    assert await said(mine) == {"id": "a", "version": 3}


async def test_what_a_plan_declines_is_the_same_in_the_ordinary_way(
    fan: Fan, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await fan.watching(IN_WORDS, order="a")
    await fan.hear(view(2, "a"))
    planned = await said(socket)
    declined: list[object] = []

    def complete(*_: object) -> object:
        declined.append(1)
        raise DeclinedError

    monkeypatch.setattr(Plan, "complete", complete)
    await fan.hear(view(3, "a"))
    assert await said(socket) == planned | {"version": 3}
    assert declined


async def test_whoever_may_not_hear_any_more_is_told_nothing(
    fan: Fan, lives: Lives, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await fan.watching(ONE, order="a")
    (life,) = lives()
    monkeypatch.setattr(life._lives, "is_still_good", lambda _: False)
    await fan.hear(view(2, "a"))
    with pytest.raises(ConnectionClosed):
        await socket.hears()
    assert await socket.close_code() == 4403


async def test_a_subscription_that_has_caught_up_has_no_task(fan: Fan) -> None:
    socket = await fan.watching(ONE, order="a")
    before = tasks()
    for number in range(2, 12):
        await socket.subscribes(str(number), ONE, order="a")
        await said(socket)
    await until(lambda: tasks() <= before)
    await fan.hear(view(2, "a"))
    assert {(await socket.hears())["id"] for _ in range(11)} == {str(number) for number in range(1, 12)}
