"""A push to a reader that is slow: what waits is the latest of each order, and it goes on by itself."""

from typing import Any, cast

import orjson
import pytest

from bff.caller import Caller
from bff.edge.answer import Answer
from bff.edge.lives import Lives
from bff.edge.peer import Peer
from bff.edge.push import Push
from bff.edge.subscription import Subscription
from bff.edge.websocket import WebSocket
from bff.graph.context import Context
from bff.graph.saying import Watched
from bff.mailbox import Mailbox
from services.chassis.waiting import LeanEvent
from tests import facts
from tests.bff.test_feed import view


class Slow:
    """A connection that has room for some frames."""

    def __init__(self) -> None:
        self.writable = LeanEvent()
        self.has_room_again: Any = None
        self.room = 0
        self.frames: list[Any] = []

    def say(self, text: bytes) -> None:
        self.frames.append(orjson.loads(text))
        if len(self.frames) >= self.room:
            self.writable.clear()

    def reads(self, frames: int) -> None:
        self.room = len(self.frames) + frames
        self.writable.set()
        self.has_room_again()


class Plainly:
    """Says a view's name and version."""

    def of(self, each: Any) -> tuple[Any, None]:
        return [each.id, each.version], None


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox(facts.CUSTOMER, None)


@pytest.fixture
def wire() -> Slow:
    return Slow()


@pytest.fixture
async def push(mailbox: Mailbox, wire: Slow) -> Push:
    """One that has caught up."""

    async def steps() -> Any:
        yield mailbox

    context = Context(cast("Any", None), "KO", Caller(facts.CUSTOMER, 9e9), "")
    watched = Watched(steps(), cast("Any", Plainly()))
    subscription = Subscription(context, watched, lambda data, _: Answer({"data": data}), lambda _: None)
    lives = Lives(lambda _: True)
    with lives.one(None) as life:
        peer = Peer(cast("WebSocket", wire), life)
        made = Push("1", subscription, peer, lambda error: [str(error)], lambda: None)
        await made.begin()
    return made


def told(wire: Slow) -> list[Any]:
    return [frame["payload"]["data"] for frame in wire.frames]


async def test_who_is_slow_is_told_the_latest_of_each_order(push: Push, mailbox: Mailbox, wire: Slow) -> None:
    wire.reads(1)
    for version in range(1, 9):
        mailbox.put(view(version))
        mailbox.put(view(version, "order-2"))
    assert told(wire) == [["order-1", 1]]
    wire.reads(1)
    assert told(wire)[1:] == [["order-1", 8]]
    mailbox.put(view(9, "order-2"))
    wire.reads(9)
    assert told(wire)[2:] == [["order-2", 9]]
    assert not push.over


async def test_whoever_stops_is_told_nothing_more(push: Push, mailbox: Mailbox, wire: Slow) -> None:
    wire.reads(1)
    mailbox.put(view(1))
    mailbox.put(view(2))
    push.stop()
    mailbox.put(view(3))
    wire.reads(9)
    assert told(wire) == [["order-1", 1]]
