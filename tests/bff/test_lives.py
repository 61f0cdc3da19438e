"""How many connections and streams may stay open, and why they end."""

import asyncio
from contextlib import ExitStack

import pytest
from prometheus_client import CollectorRegistry

from bff.caller import Caller
from bff.edge.lives import End, Lives, Room
from bff.graph.codes import Code
from bff.graph.errors import CodedError

ANNA, BEN = Caller("anna", 100), Caller("ben", 200)


def lives(now: float = 0, registry: CollectorRegistry | None = None, **room: float) -> Lives:
    return Lives(lambda caller: now < caller.expires_at, Room(**room), registry)  # type: ignore[arg-type]


async def test_a_customer_has_so_many_and_another_is_not_touched() -> None:
    registry = CollectorRegistry()
    every = lives(registry=registry, per_customer=2)
    with ExitStack() as stack:
        stack.enter_context(every.one(ANNA))
        socket = stack.enter_context(every.one(None, "websocket", "10.0.0.1"))
        socket.sign_in(ANNA)
        with pytest.raises(CodedError) as refused:
            stack.enter_context(every.one(ANNA))
        assert refused.value.code is Code.TOO_MANY_CONNECTIONS
        stack.enter_context(every.one(BEN))
        assert registry.get_sample_value("connections_open", {"transport": "sse"}) == 2
        assert registry.get_sample_value("connections_open", {"transport": "websocket"}) == 1
        assert registry.get_sample_value("connections_refused_total", {"reason": "customer"}) == 1
    with every.one(ANNA), every.one(ANNA):
        pass
    assert (every._open, every._customers, every._strangers) == (set(), {}, {})


async def test_whoever_is_refused_at_signing_in_is_counted_once() -> None:
    every = lives(per_customer=1)
    with every.one(ANNA):
        with every.one(None, "websocket", "10.0.0.1") as socket, pytest.raises(CodedError):
            socket.sign_in(ANNA)
        assert every._customers == {"anna": 1}
    assert (every._open, every._customers, every._strangers) == (set(), {}, {})


async def test_strangers_of_one_address_are_bounded_until_they_say_who_they_are() -> None:
    every = lives(strangers=1)
    with every.one(None, "websocket", "10.0.0.1") as first, every.one(None, "websocket", "10.0.0.2"):
        with pytest.raises(CodedError) as refused, every.one(None, "websocket", "10.0.0.1"):
            pytest.fail("it was let in")
        assert refused.value.code is Code.TOO_MANY_CONNECTIONS
        first.sign_in(ANNA)
        with every.one(None, "websocket", "10.0.0.1"):
            pass


async def test_a_replica_has_so_many_in_all() -> None:
    every = lives(at_most=1)
    with every.one(ANNA), pytest.raises(CodedError) as refused, every.one(BEN):
        pytest.fail("it was let in")
    assert refused.value.code is Code.SERVICE_UNAVAILABLE
    with every.one(BEN):
        pass


async def test_those_whose_token_is_no_good_any_more_end_and_the_others_go_on() -> None:
    every = lives(now=150)
    with every.one(ANNA) as anna, every.one(BEN) as ben, every.one(None) as nobody:
        await every.watch()
        assert (anna.why, ben.why, nobody.why) == (End.NOT_AUTHENTICATED, None, None)


async def test_all_are_looked_at_only_where_something_was_taken_back_or_has_expired() -> None:
    now, taken_back, asked = [50.0], set[Caller](), list[Caller]()

    def is_still_good(caller: Caller) -> bool:
        asked.append(caller)
        return now[0] < caller.expires_at and caller not in taken_back

    every = Lives(is_still_good, standing=lambda: len(taken_back), clock=lambda: now[0])

    async def looked_at() -> set[str]:
        asked.clear()
        await every.watch()
        return {caller.customer_id for caller in asked}

    with every.one(ANNA) as anna, every.one(BEN) as ben:
        assert await looked_at() == {"anna", "ben"}
        with every.one(Caller("carl", 300)) as carl:
            assert await looked_at() == {"carl"}
            assert await looked_at() == set()
            taken_back.add(BEN)
            assert await looked_at() == {"anna", "ben", "carl"}
            now[0] = 100.0
            assert await looked_at() == {"anna", "carl"}
            assert (anna.why, ben.why, carl.why) == (End.NOT_AUTHENTICATED, End.NOT_AUTHENTICATED, None)
            assert await looked_at() == set()


async def test_all_end_at_moments_of_their_own_and_nobody_is_let_in_meanwhile() -> None:

    every = lives(spread_seconds=0.3, per_customer=50)
    loop = asyncio.get_running_loop()
    moments: list[float] = []
    began = loop.time()

    async def one() -> None:
        with every.one(ANNA) as life:
            await life.until_ended()
            assert life.why is End.GOING_AWAY
            moments.append(loop.time() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(50):
            group.create_task(one())
        await asyncio.sleep(0)
        closing = group.create_task(every.close())
        await asyncio.sleep(0)
        with pytest.raises(CodedError) as refused, every.one(BEN):
            pytest.fail("it was let in")
        assert refused.value.code is Code.SERVICE_UNAVAILABLE
        await closing
        assert len(moments) == 50
    assert max(moments) - min(moments) > 0.15
    assert max(moments) < 1
    await every.close()
