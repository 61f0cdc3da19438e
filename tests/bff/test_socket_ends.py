"""How WebSockets end: the token's end, too many of them, idleness, a replica that goes away."""

import asyncio
import json
import signal
from contextlib import AsyncExitStack

import pytest
from websockets.exceptions import InvalidStatus

from tests.bff.asking import Gateway, Socket, token
from tests.bff.conftest import Open
from tests.bff.raw_socket import TEXT, knocking, said
from tests.bff.serving import Stub, once, reply
from tests.bff.test_running import process_of
from tests.conftest import Place
from tests.waiting import until

WATCH_ALL = "subscription { myOrderUpdates { id } }"
FRUITS = "{ fruits { id } }"
CANCEL = 'mutation { cancelOrder(orderId: "order-1") { __typename } }'


async def init(socket: Socket, customer: str = "customer-1", seconds: int = 600) -> None:
    await socket.says("connection_init", payload={"Authorization": f"Bearer {token(customer, seconds)}"})


async def test_a_connection_ends_with_its_token_and_says_so(open_gateway: Open) -> None:
    async with open_gateway() as gateway, gateway.knock() as socket:
        before = asyncio.get_running_loop().time()
        await init(socket, seconds=1)
        await socket.subscribes("1", WATCH_ALL)
        assert await socket.close_code() == 4403
        assert asyncio.get_running_loop().time() - before < 3.5
        assert socket.connection.close_reason == "The token has expired or was taken away"


async def test_also_where_nobody_reads(open_gateway: Open) -> None:
    settings = {"bff_frames_per_second": 1e6}
    async with open_gateway(**settings) as gateway, knocking(gateway.address, buffer=4096) as raw:
        payload = {"Authorization": f"Bearer {token(seconds=1)}"}
        await raw.sends(said("connection_init", payload=payload))
        await raw.sends(said("subscribe", id="1", payload={"query": WATCH_ALL}))
        flood = asyncio.create_task(_pings(raw.writer))
        await until(lambda: _open(gateway, 1))
        await until(lambda: _open(gateway, 0), timeout=4)
        await asyncio.gather(flood, return_exceptions=True)


async def _pings(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(said("ping", payload={"x": "x" * 60_000}))
        await writer.drain()


async def _open(gateway: Gateway, count: int) -> bool:
    return await gateway.metric("connections_open", transport="websocket") == count


async def test_a_customer_with_too_many_connections_is_asked_to_come_back_later(open_gateway: Open) -> None:
    async with open_gateway(bff_connections_per_customer=2) as gateway, AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(gateway.connected())
        async with gateway.knock() as socket:
            await init(socket)
            assert await socket.close_code() == 1013
        await stack.enter_async_context(gateway.connected("customer-2"))
        assert await gateway.metric("connections_refused_total", reason="customer") == 1


@pytest.mark.parametrize(
    ("setting", "status", "reason"),
    [("bff_connections_at_most", 503, "full"), ("bff_connections_per_address", 429, "address")],
)
async def test_a_handshake_too_many_is_refused(
    open_gateway: Open, caplog: pytest.LogCaptureFixture, setting: str, status: int, reason: str
) -> None:
    async with open_gateway(**{setting: 1}) as gateway:
        async with gateway.knock():
            with pytest.raises(InvalidStatus) as refused:
                async with gateway.knock():
                    pytest.fail("it was let in")
        assert refused.value.response.status_code == status
        assert refused.value.response.headers["retry-after"] == "1"
        assert await gateway.metric("connections_refused_total", reason=reason) == 1
        assert "handshake" not in caplog.text
        await until(lambda: _open(gateway, 0))
        async with gateway.connected():
            pass


async def test_who_has_said_who_they_are_leave_room_for_others(open_gateway: Open) -> None:
    async with open_gateway(bff_connections_per_address=1) as gateway, AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(gateway.connected())


async def test_an_idle_connection_is_closed_and_a_busy_one_is_not(open_gateway: Open) -> None:
    async with open_gateway(bff_idle_seconds=0.5) as gateway, gateway.connected() as busy:
        await busy.subscribes("1", WATCH_ALL)
        async with gateway.connected() as idle:
            assert await idle.close_code() == 1000
        await busy.says("ping")
        assert await busy.hears() == {"type": "pong"}
        await busy.says("complete", id="1")
        assert await busy.close_code() == 1000


async def test_a_name_is_free_again_as_soon_as_its_operation_is_over(gateway: Gateway) -> None:
    async with gateway.connected() as socket:
        for _ in range(50):
            await socket.subscribes("1", WATCH_ALL)
            await socket.says("complete", id="1")
        await socket.subscribes("1", "{ __typename }")
        assert (await socket.hears())["type"] == "next"
        assert (await socket.hears())["type"] == "complete"
        await socket.subscribes("1", "{ __typename }")
        assert (await socket.hears())["type"] == "next"


async def test_frames_wait_while_the_token_is_verified(gateway: Gateway) -> None:
    async with knocking(gateway.address) as raw:
        await raw.sends(
            said("connection_init", payload={"Authorization": f"Bearer {token()}"}),
            said("subscribe", id="1", payload={"query": "{ __typename }"}),
        )
        assert [(await raw.message())["type"] for _ in range(3)] == ["connection_ack", "next", "complete"]


async def test_a_command_is_finished_though_nobody_waits_for_it(
    open_gateway: Open, order_service: Stub
) -> None:
    go_on = asyncio.Event()
    order_service.script = once(go_on, reply('{"error": "nothing"}', 404))
    async with open_gateway(order_url=order_service.url, bff_order_timeout_ms=8000) as gateway:
        async with gateway.connected() as socket:
            await socket.subscribes("1", CANCEL)
            await until(lambda: len(order_service.heard) == 1)
            await socket.says("complete", id="1")
            await socket.subscribes("2", CANCEL)
            await until(lambda: len(order_service.heard) == 2)
        go_on.set()

        async def were_told() -> bool:
            told = await gateway.metric("ordering_outcomes_total", command="cancelOrder", outcome="NotFound")
            return told == 2

        await until(were_told)
        await until(lambda: _open(gateway, 0))


async def test_a_replica_that_goes_away_closes_its_sockets_one_by_one_and_answers_first(
    place_without_broker: Place, order_service: Stub
) -> None:
    go_on = asyncio.Event()
    order_service.script = once(go_on, reply("[]"))
    settings = {
        "ORDER_URL": order_service.url,
        "BFF_ORDER_TIMEOUT_MS": "8000",
        "BFF_CLOSE_SPREAD_SECONDS": "1",
        "BFF_CONNECTIONS_PER_CUSTOMER": "50",
    }
    async with process_of(place_without_broker, **settings) as (process, gateway):
        async with AsyncExitStack() as stack:
            sockets = [await stack.enter_async_context(gateway.connected()) for _ in range(30)]
            for socket in sockets[1:]:
                await socket.subscribes("1", WATCH_ALL)
            await sockets[0].subscribes("1", FRUITS)
            await until(lambda: order_service.heard)
            clock = asyncio.get_running_loop().time
            process.send_signal(signal.SIGTERM)
            moments: list[float] = []

            async def end(socket: Socket) -> None:
                assert await socket.close_code() == 1012
                moments.append(clock())

            async with asyncio.TaskGroup() as ends:
                for socket in sockets[1:]:
                    ends.create_task(end(socket))
            assert 0.4 < max(moments) - min(moments) < 1.5
            go_on.set()
            assert (await sockets[0].hears())["payload"] == {"data": {"fruits": []}}
            assert (await sockets[0].hears())["type"] == "complete"
            assert await sockets[0].close_code() == 1012
        async with asyncio.timeout(10):
            said = (await process.communicate())[1].decode()
        assert process.returncode == -signal.SIGTERM, said
        assert "Traceback" not in said
        assert "graceful" not in said


async def test_a_bug_in_a_connection_ends_it_with_a_word(
    open_gateway: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise LookupError("a secret")

    monkeypatch.setattr("bff.auth.Authenticator.from_connection_init", breaks)
    async with open_gateway() as gateway, gateway.knock() as socket:
        await init(socket)
        assert await socket.close_code() == 4500
        assert socket.connection.close_reason == "Internal server error"


async def test_a_reason_fits_into_a_close_frame(gateway: Gateway) -> None:
    async with knocking(gateway.address) as raw:
        await raw.sends(said("connection_init", payload={"Authorization": f"Bearer {token()}"}))
        assert (await raw.hears())[0] == TEXT
        again = said("subscribe", id="김" * 200, payload={"query": WATCH_ALL})
        await raw.sends(again, again)
        code, reason = await raw.end()
        assert (code, len(reason.encode()) <= 123, json.dumps(reason)[:15]) == (4409, True, '"Subscriber for')
