"""One trace from the mutation to the frame that the watcher gets, through every process."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest

from tests.collector import Came, Collector, collecting
from tests.stories.customer import PLACE, WATCH_ALL, Customer
from tests.stories.stack import Stack, running
from tests.waiting import until

ADDRESS = "세종시 한누리대로 2130"
CUSTOMER = "customer-of-traces"
SENT_EVERY_MS = "200"


@pytest.fixture(scope="module")
async def collector() -> AsyncIterator[Collector]:
    async with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
async def traced(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> AsyncIterator[Stack]:
    """A system that records every trace."""
    told = {
        "OTLP_ENDPOINT": collector.url,
        "TRACE_SAMPLE_RATE": "1",
        "TRACE_DATABASE": "true",
        "OTEL_BSP_SCHEDULE_DELAY": SENT_EVERY_MS,
        "LOG_FORMAT": "json",
    }
    async with running(tmp_path_factory.mktemp("traced") / "stack", told) as stack:
        yield stack


@pytest.fixture(scope="module")
async def customer(traced: Stack) -> AsyncIterator[Customer]:
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{traced.http}/dev/token", json={"customerId": CUSTOMER}) as response:
            token = (await response.json())["token"]
        yield Customer(traced, session, CUSTOMER, token)


@pytest.fixture(scope="module")
async def trace(customer: Customer, collector: Collector) -> str:
    """The trace of an order that somebody watched until it was on its way, told of by delivery itself.

    Where facts overtake one another, it is another fact that brings this view: then the next order will do.
    """
    async with customer.watching(WATCH_ALL) as watch:
        await watch._socket.ping()  # type: ignore[union-attr] # it was asked before the order is placed
        await until(lambda: watching(customer.stack))

        async def delivered_and_pushed() -> list[Came]:
            await customer.places(address=ADDRESS)
            while (await watch.order())["status"] != "DELIVERING":
                pass
            with suppress(AssertionError):
                pushes: list[Came] = await until(lambda: started(collector), timeout=3)
                return pushes
            return []

        pushes: list[Came] = await until(delivered_and_pushed, timeout=60)
    await until(lambda: collector.has_all_of(pushes[0].trace_id))
    return pushes[0].trace_id


async def watching(stack: Stack) -> bool:
    return (await stack.metrics("bff"))["subscriptions_open"] == 1


def started(collector: Collector) -> list[Came]:
    """Pushes of what delivery told."""
    return [
        push
        for push in collector.named("bff", "push")
        if ("delivery", "publish delivery.started") in collector.way(push)
    ]


DOOR = ("bff", "POST /graphql")
SHOWN = [("mypage", "project"), ("mypage", "publish order.changed"), ("bff", "process order.changed")]


async def test_what_order_tells_is_shown_to_the_watcher_within_the_mutations_trace(
    collector: Collector, trace: str
) -> None:
    told = collector.named("order", "publish order.placed", trace)
    assert [collector.way(each) for each in told] == [
        [DOOR, ("bff", "POST"), ("order", "POST /orders"), ("order", "publish order.placed")]
    ]
    heard = collector.named("bff", "process order.changed", trace)
    assert [*collector.way(told[0]), ("mypage", "process order.placed"), *SHOWN] in map(collector.way, heard)


async def test_delivery_goes_on_with_the_trace_and_its_push_ends_it(collector: Collector, trace: str) -> None:
    pushes = [collector.way(each) for each in collector.named("bff", "push", trace)]
    assert [
        *(DOOR, ("bff", "PUT"), ("payment", "PUT /payments/{order_id}")),
        *(("payment", "publish payment.approved"), ("delivery", "process payment.approved")),
        *(("delivery", "publish delivery.started"), ("mypage", "process delivery.started")),
        *(*SHOWN, ("bff", "push")),
    ] in pushes


async def test_the_databases_part_is_seen_where_it_was_asked(collector: Collector, trace: str) -> None:
    inserts = collector.named("order", "insert orders", trace)
    assert [collector.way(each)[-2:] for each in inserts] == [
        [("order", "POST /orders"), ("order", "insert orders")]
    ]


@pytest.mark.usefixtures("trace")
async def test_no_span_says_who_ordered_or_where_to(collector: Collector, customer: Customer) -> None:
    said = [json.dumps(each.attributes, ensure_ascii=False) + each.name for each in collector.spans]
    assert said
    for secret in (CUSTOMER, ADDRESS, ADDRESS.encode().decode("latin-1"), customer.token):
        assert not [each for each in said if secret in each]


async def test_an_errors_correlation_id_finds_the_trace(collector: Collector, customer: Customer) -> None:
    answer = await customer.ask("{ nonsense }")
    given = answer["errors"][0]["extensions"]["correlationId"]
    await until(lambda: any(each.trace_id == given for each in collector.spans))


async def test_what_a_client_says_of_its_trace_is_only_linked(
    collector: Collector, customer: Customer
) -> None:
    theirs = "ab" * 16
    await customer.data("{ fruits { id } }", traceparent=f"00-{theirs}-{'cd' * 8}-01")
    linked = await until(lambda: [each for each in collector.spans if theirs in each.links])
    assert linked[0].trace_id != theirs
    assert not [each for each in collector.spans if each.trace_id == theirs]


async def test_every_subscription_and_mutation_over_a_socket_has_a_trace_of_its_own(
    collector: Collector, customer: Customer
) -> None:
    order = {"input": {"fruitId": "apple", "quantity": 1, "address": ADDRESS}}
    async with customer.watching(PLACE, order) as watch:
        outcome = (await watch.next())["data"]["placeOrder"]
    assert outcome["__typename"] == "OrderPlaced"
    way = [("bff", "GraphQL over WebSocket"), ("bff", "POST"), ("order", "POST /orders")]
    await until(lambda: way in map(collector.way, collector.named("order", "POST /orders")))
