"""Bodies that are too much, too slow, or not what they were said to be: each gets its answer."""

import asyncio
import json

import pytest

from tests.bff.asking import Gateway
from tests.bff.conftest import Open
from tests.bff.raw import HEAD, wire
from tests.bff.test_endpoint import JSON, TYPENAME, refused

QUERY = json.dumps(TYPENAME).encode()
ALIVE = b"GET /healthz HTTP/1.1\r\nhost: there\r\n\r\n"


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def test_too_much_is_not_read(gateway: Gateway) -> None:
    body = json.dumps({**TYPENAME, "variables": {"a": "x" * 65536}}).encode()
    assert await refused(gateway, data=body, headers=JSON) == (413, "BODY_TOO_LARGE")


async def test_how_much_is_too_much_can_be_set(open_gateway: Open) -> None:
    async with open_gateway(bff_body_bytes=len(QUERY)) as gateway:
        assert (await gateway.ask("POST", "/graphql", data=QUERY, headers=JSON))[0] == 200
        told = await refused(gateway, data=QUERY + b" ", headers=JSON)
        assert told == (413, "BODY_TOO_LARGE")


async def test_what_is_announced_as_too_much_is_refused_before_it_comes(gateway: Gateway) -> None:
    async with wire(gateway.address) as client:
        await client.says(HEAD + b"content-length: 999999999\r\nexpect: 100-continue\r\n\r\n")
        status, headers, answer = await client.hears()
        assert (status, headers["connection"]) == (413, "close")
        assert answer["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


@pytest.mark.parametrize("header", [b"content-length: 900000", b"transfer-encoding: chunked"])
async def test_who_writes_before_reading_hears_the_answer_and_no_reset(
    gateway: Gateway, header: bytes
) -> None:
    async with wire(gateway.address) as client:
        await client.says(HEAD + header + b"\r\n\r\n")
        for _ in range(9):
            await client.says(b"x" * 100_000 if b"length" in header else chunked(b"x" * 100_000))
        if b"chunked" in header:
            await client.says(chunked(b""))
        assert (await client.hears())[0] == 413
        assert await client.is_hung_up()


async def test_who_never_stops_writing_is_left(gateway: Gateway) -> None:
    async with wire(gateway.address) as client:
        await client.says(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        assert await client.is_cut_off_saying(chunked(b"x" * 100_000))


@pytest.mark.parametrize("begun", [b"", QUERY[:-1]])
async def test_a_body_that_does_not_come_is_not_awaited_for_ever(open_gateway: Open, begun: bytes) -> None:
    async with open_gateway(bff_body_seconds=0.2) as gateway, wire(gateway.address) as client:
        await client.says(HEAD + b"content-length: %d\r\n\r\n" % len(QUERY) + begun)
        status, headers, answer = await client.hears()
        assert (status, headers["connection"]) == (408, "close")
        assert answer["errors"][0]["extensions"]["code"] == "REQUEST_TIMEOUT"
        assert await client.is_hung_up()


async def test_a_body_that_trickles_in_is_not_awaited_for_ever(open_gateway: Open) -> None:
    async with open_gateway(bff_body_seconds=0.3) as gateway, wire(gateway.address) as client:
        await client.says(HEAD + b"content-length: 10000\r\n\r\n")
        answer = asyncio.create_task(client.hears())
        while not answer.done():
            await client.says(b" ")
            await asyncio.wait({answer}, timeout=0.02)
        assert (await answer)[0] == 408


async def test_a_body_may_come_in_pieces(gateway: Gateway) -> None:
    async with wire(gateway.address) as client:
        await client.says(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        for byte in QUERY:
            await client.says(chunked(bytes([byte])))
        await client.says(chunked(b""))
        assert (await client.hears())[::2] == (200, {"data": {"__typename": "Query"}})


async def test_a_connection_goes_on_after_a_refusal(gateway: Gateway) -> None:
    async with wire(gateway.address) as client:
        for body, status in ((b"{", 400), (QUERY, 200), (b"[]", 400), (QUERY, 200)):
            await client.says(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)
            assert (await client.hears())[0] == status


async def test_who_hangs_up_in_the_middle_leaves_no_complaint(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    async with wire(gateway.address) as client:
        await client.says(HEAD + b"content-length: 10000\r\n\r\n{")
    assert (await gateway.ask("POST", "/graphql", data=QUERY, headers=JSON))[0] == 200
    assert not [record for record in caplog.records if record.name == "uvicorn.error"]


async def test_a_head_that_never_ends_is_refused(gateway: Gateway) -> None:
    async with wire(gateway.address) as client:
        await client.says(HEAD)
        assert await client.is_cut_off_saying(b"x-more: " + b"x" * 1000 + b"\r\n")


async def test_a_head_that_comes_at_once_is_refused_too(gateway: Gateway) -> None:
    async with wire(gateway.address) as client:
        await client.says(ALIVE)
        assert (await client.hears())[0] == 200
        await client.says(ALIVE[:-2] + b"x-more: " + b"x" * 80_000 + b"\r\n\r\n")
        assert (await client.reader.readline()).startswith(b"HTTP/1.1 400 ")


async def test_what_follows_a_body_without_end_is_refused(gateway: Gateway) -> None:
    async with wire(gateway.address) as client:
        await client.says(ALIVE[:-2] + b"transfer-encoding: chunked\r\n\r\n0\r\n")
        assert await client.is_cut_off_saying(b"x-more: " + b"x" * 1000 + b"\r\n")


@pytest.mark.parametrize("offer", [b"upgrade: h2c\r\n", b"Upgrade:H2C \r\n"])
async def test_a_request_that_offers_http_2_is_answered(gateway: Gateway, offer: bytes) -> None:
    offers = b"connection: upgrade, http2-settings\r\n" + offer + b"http2-settings: AAEA\r\n"
    async with wire(gateway.address) as client:
        for _ in range(2):
            await client.says(HEAD + offers + b"content-length: %d\r\n\r\n" % len(QUERY) + QUERY)
            assert (await client.hears())[0] == 200


async def test_what_a_body_says_of_http_2_stays_as_it_is(gateway: Gateway) -> None:
    body = b"{\r\nupgrade: h2c\r\n\r\n"
    async with wire(gateway.address) as client:
        await client.says(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body + ALIVE)
        assert (await client.hears())[0] == 400
        assert (await client.hears())[0] == 200


async def test_a_few_requests_may_wait_for_earlier_answers(gateway: Gateway) -> None:
    async with wire(gateway.address) as client:
        await client.says(ALIVE * 10)
        for _ in range(10):
            assert (await client.hears())[0] == 200


async def test_many_may_not(gateway: Gateway) -> None:
    async with wire(gateway.address) as client:
        await client.says(ALIVE * 100)
        assert await client.is_hung_up()


async def test_a_client_that_says_nothing_is_left(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.protocol.HEAD_SECONDS", 0.1)
    for begun in (b"", b"POST /gr", HEAD):
        async with wire(gateway.address) as client:
            await client.says(begun)
            assert await client.is_hung_up()


@pytest.mark.parametrize("body", [b"", b"12345"])
async def test_a_handshake_has_no_body(gateway: Gateway, body: bytes) -> None:
    upgrade = b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    key = b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    async with wire(gateway.address) as client:
        await client.says(HEAD.replace(b"POST", b"GET") + upgrade + key + b"content-length: 5\r\n\r\n" + body)
        assert (await client.reader.readline()).startswith(b"HTTP/1.1 400 ")
