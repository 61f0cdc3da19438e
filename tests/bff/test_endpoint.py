"""GraphQL over HTTP: what is refused before it is read, and who may use it from where."""

import gzip
import json
import time
from typing import Any

import pytest

from bff.dev_login import Issuer
from tests.bff.asking import SECRET, Gateway, bearer, token
from tests.bff.conftest import Open
from tests.waiting import until

JSON = {"content-type": "application/json"}
TYPENAME = {"query": "{ __typename }"}
WATCH_ALL = "subscription { myOrderUpdates { id } }"


async def refused(gateway: Gateway, method: str = "POST", **options: Any) -> tuple[int, str]:
    """A request that is answered with one GraphQL error: its status and code."""
    status, headers, body = await gateway.ask(method, "/graphql", **options)
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    said = json.loads(body)
    assert set(said) == {"errors"}
    (error,) = said["errors"]
    assert error["message"]
    assert error["extensions"]["correlationId"] == headers["x-request-id"]
    return status, error["extensions"]["code"]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer nonsense",
        f"Bearer {Issuer(SECRET, clock=lambda: time.time() - 99).issue('customer-1', 9)}",
        f"Bearer {Issuer('another secret of 32 bytes or more').issue('customer-1', 600)}",
        f"Basic {token()}",
        "",
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_a_bad_token_is_refused_whatever_is_asked(gateway: Gateway, header: str, accept: str) -> None:
    headers = {"authorization": header, "accept": accept}
    assert await refused(gateway, json=TYPENAME, headers=headers) == (401, "UNAUTHENTICATED")
    _, got, _ = await gateway.ask("POST", "/graphql", json=TYPENAME, headers=headers)
    assert got["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"\xff\xfe", b'{"query": "\\ud800"}', b'{"query": "{ __typename }", "x": NaN}'),
        *(b'\xef\xbb\xbf{"query": "{ __typename }"}', b'{"query": "{ __typename }"} {}', b"{'query': 1}"),
        *(b"null", b"1", b'"{ __typename }"', b"[]", b"[1]", b'[{"query": "{ __typename }"}]'),
        *(b"{}", b'{"query": null}', b'{"query": ""}', b'{"query": 1}', b'{"variables": {}}'),
        *(b'{"query": "{ __typename }", "variables": []}', b'{"query": "{ __typename }", "extensions": 1}'),
        *(b'{"query": "{ __typename }", "documentId": 1}', b'{"query": {"__typename": 1}}'),
        b'{"query": "{ __typename }", "operationName": "Other"}',
        b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}}",
        json.dumps({"query": "{ __typename }"}).encode("utf-16"),
    ],
)
async def test_what_is_no_operation_is_a_bad_request(gateway: Gateway, body: bytes) -> None:
    assert await refused(gateway, data=body, headers={**bearer(), **JSON}) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400, "1" + "0" * 60_000])
async def test_no_number_is_too_much(gateway: Gateway, number: str) -> None:
    query = "query ($first: Int!) { myOrders(first: $first) { edges { cursor } } }"
    body = f'{{"query": "{query}", "variables": {{"first": {number}}}}}'.encode()
    status, _, answer = await gateway.ask("POST", "/graphql", data=body, headers={**bearer(), **JSON})
    assert status in {200, 400}
    (error,) = json.loads(answer)["errors"]
    assert error["extensions"]["code"] in {"BAD_REQUEST", "BAD_USER_INPUT"}


async def test_a_batch_is_said_to_be_one(gateway: Gateway) -> None:
    _, _, answer = await gateway.ask("POST", "/graphql", json=[TYPENAME, TYPENAME], headers=bearer())
    assert json.loads(answer)["errors"][0]["message"].startswith("Batches are not taken")


@pytest.mark.parametrize(
    "kind",
    [
        *("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""),
        *(
            "application/graphql",
            "application/json; charset=latin-1",
            "text/plain; application/json",
            "application/jsonx",
        ),
    ],
)
async def test_only_json_is_read_so_that_no_form_can_post_across_origins(gateway: Gateway, kind: str) -> None:
    body = json.dumps(TYPENAME).encode()
    told = await refused(gateway, data=body, headers={"content-type": kind})
    assert told == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=UTF-8", 'APPLICATION/JSON;charset="utf-8"', "application/json ; x=y"]
)
async def test_json_is_json_however_it_is_spelled(gateway: Gateway, kind: str) -> None:
    body = json.dumps(TYPENAME).encode()
    status, _, answer = await gateway.ask("POST", "/graphql", data=body, headers={"content-type": kind})
    assert (status, json.loads(answer)) == (200, {"data": {"__typename": "Query"}})


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip"])
async def test_a_compressed_body_is_not_unpacked(gateway: Gateway, encoding: str) -> None:
    headers = {**JSON, "content-encoding": encoding}
    body = gzip.compress(json.dumps(TYPENAME).encode())
    assert await refused(gateway, data=body, headers=headers) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(("method", "allowed"), [("PUT", "GET, POST"), ("DELETE", "GET, POST")])
async def test_any_other_method_is_refused(gateway: Gateway, method: str, allowed: str) -> None:
    assert await refused(gateway, method) == (405, "METHOD_NOT_ALLOWED")
    _, headers, _ = await gateway.ask(method, "/graphql")
    assert headers["allow"] == allowed


async def test_head_and_options_are_refused_as_well(gateway: Gateway) -> None:
    assert (await gateway.ask("HEAD", "/graphql"))[0] == 405
    assert await refused(gateway, "OPTIONS") == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("headers", "params"), [({"x-graphql-event-stream-token": "t"}, {}), ({}, {"token": "t"})]
)
async def test_no_event_stream_can_be_reserved(
    gateway: Gateway, headers: dict[str, str], params: dict[str, str]
) -> None:
    told = await refused(gateway, json=TYPENAME, headers={**bearer(), **headers}, params=params)
    assert told == (400, "BAD_REQUEST")


async def test_korean_is_not_escaped(gateway: Gateway) -> None:
    query = "query ($first: Int!) { myOrders(first: $first) { edges { cursor } } }"
    body = {"query": query, "variables": {"first": "한글"}}
    _, _, answer = await gateway.ask("POST", "/graphql", json=body)
    assert "한글".encode() in answer


async def test_server_sent_events_are_given_to_whoever_accepts_them(gateway: Gateway) -> None:
    assert await gateway.events("{ __typename }") == [{"data": {"__typename": "Query"}}]


async def test_a_listener_who_goes_away_leaves_nothing_behind(gateway: Gateway) -> None:
    headers = {**bearer(), "accept": "text/event-stream"}
    url = f"http://{gateway.address}/graphql"

    async def watched() -> bool:
        return await gateway.metric("subscriptions_open") == 1

    async def unwatched() -> bool:
        return await gateway.metric("subscriptions_open") == 0

    async with gateway.session.post(url, json={"query": WATCH_ALL}, headers=headers) as response:
        assert response.content_type == "text/event-stream"
        await until(watched)
    await until(unwatched)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://shop.example", "https://shop.example"),
        *((origin, None) for origin in ("https://evil.example", "http://shop.example", "null")),
        ("https://shop.example.evil.example", None),
    ],
)
async def test_pages_of_allowed_origins_alone_may_read_the_answer(
    gateway: Gateway, origin: str, allowed: str | None
) -> None:
    _, headers, _ = await gateway.ask("POST", "/graphql", json=TYPENAME, headers={"origin": origin})
    assert headers.get("access-control-allow-origin") == allowed
    asked = {"origin": origin, "access-control-request-method": "POST"}
    wanted = {"access-control-request-headers": "authorization,content-type"}
    status, headers, _ = await gateway.ask("OPTIONS", "/graphql", headers={**asked, **wanted})
    assert status == (200 if allowed else 400)
    assert headers.get("access-control-allow-origin") == allowed
    assert "access-control-allow-credentials" not in headers


async def test_no_other_origin_is_allowed_where_none_is_named(open_gateway: Open) -> None:
    async with open_gateway() as gateway:
        _, headers, _ = await gateway.ask(
            "POST", "/graphql", json=TYPENAME, headers={"origin": "https://a.b"}
        )
    assert "access-control-allow-origin" not in headers
