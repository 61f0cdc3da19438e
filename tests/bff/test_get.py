"""GraphQL over HTTP by GET: queries, and nothing that has an effect."""

import json
from typing import Any

import pytest

from tests.bff.asking import Gateway, bearer
from tests.bff.conftest import Open
from tests.bff.test_endpoint import refused

FIRST = """query First($first: Int!) { myOrders(first: $first) { edges { cursor } } }
query Other { __typename }"""
CANCEL = 'mutation { cancelOrder(orderId: "1") { __typename } }'


async def got(gateway: Gateway, params: Any) -> tuple[int, Any]:
    status, _, body = await gateway.ask("GET", "/graphql", params=params, headers=bearer())
    return status, json.loads(body)


async def test_a_query_can_be_asked_by_get(gateway: Gateway) -> None:
    parameters = {"query": FIRST, "operationName": "First", "variables": '{"first": 1}', "extensions": "{}"}
    assert await got(gateway, parameters) == (200, {"data": {"myOrders": {"edges": []}}})


@pytest.mark.parametrize("empty", ["operationName", "variables", "extensions", "documentId"])
async def test_a_parameter_that_is_empty_is_none(gateway: Gateway, empty: str) -> None:
    said = await got(gateway, {"query": "{ __typename }", empty: ""})
    assert said == (200, {"data": {"__typename": "Query"}})


@pytest.mark.parametrize(
    "query_string",
    [
        *("", "query=", "variables={}", "query=%ff%fe", "query={"),
        *(f"query={{__typename}}&variables={wrong}" for wrong in ("[]", "{", "1", '"x"')),
        *("query={__typename}&extensions=x", "query={__typename}&query={__typename}"),
        *("query={__typename}&operationName=a&operationName=b", "query={__typename}&" + "a&" * 60),
    ],
)
async def test_an_address_that_is_no_operation_is_a_bad_request(gateway: Gateway, query_string: str) -> None:
    status, _, body = await gateway.ask("GET", f"/graphql?{query_string}", headers=bearer())
    codes = {error["extensions"]["code"] for error in json.loads(body)["errors"]}
    assert (status, codes) in [(400, {"BAD_REQUEST"}), (200, {"GRAPHQL_PARSE_FAILED"})]


async def test_an_address_may_not_be_longer_than_a_body(open_gateway: Open) -> None:
    async with open_gateway(bff_body_bytes=100) as gateway:
        params = {"query": "{ __typename }" + " " * 100}
        assert await refused(gateway, "GET", params=params) == (413, "BODY_TOO_LARGE")


async def test_nothing_is_done_by_get(gateway: Gateway) -> None:
    told = await refused(gateway, "GET", params={"query": CANCEL}, headers=bearer())
    assert told == (405, "METHOD_NOT_ALLOWED")
    _, headers, _ = await gateway.ask("GET", "/graphql", params={"query": CANCEL}, headers=bearer())
    assert headers["allow"] == "POST"


async def test_get_can_be_switched_off(open_gateway: Open) -> None:
    async with open_gateway(bff_get_queries=False) as gateway:
        params = {"query": "{ __typename }"}
        assert await refused(gateway, "GET", params=params) == (405, "METHOD_NOT_ALLOWED")
        _, headers, _ = await gateway.ask("GET", "/graphql", params=params)
        assert headers["allow"] == "POST"
