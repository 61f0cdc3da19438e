"""Trusted documents, in each mode, by each way of naming them."""

import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from bff.edge.asked import Asked
from bff.edge.documents import Documents, RefusedError
from bff.edge.limits import Limits
from bff.edge.metrics import EdgeMetrics
from bff.edge.trusted import ManifestError, Trusted, manifest
from bff.graph import root
from bff.settings import Mode
from compose.export import DIRECTORY
from tests.bff.asking import Gateway, Json, bearer
from tests.bff.conftest import Open
from tests.bff.edge.test_gate import code, over_http, over_websocket

TEXT = "query Mine { myOrders(first: 1) { edges { cursor } } }"
TEXTS = {"the-id": TEXT}
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
DATA: Json = {"data": {"myOrders": {"edges": []}}}
OTHER = "{ myOrders(first: 2) { edges { cursor } } }"
INTROSPECTS = '{ __type(name: "Order") { name } }'


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Any], Path]:
    def write(content: Any) -> Path:
        path = tmp_path / "manifest.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def apollo(**texts: str) -> Json:
    entries = [{"id": name, "name": "A", "type": "query", "body": text} for name, text in texts.items()]
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": entries}


def trusted(mode: Mode, *paths: Path) -> Trusted:
    return Trusted(
        Documents(root.schema()._schema, Limits(tokens=30)), mode, paths, EdgeMetrics(CollectorRegistry())
    )


@pytest.mark.parametrize("content", [TEXTS, apollo(**TEXTS)], ids=["code generator's", "apollo's"])
def test_both_formats_are_known_by_what_is_in_them(content: Json) -> None:
    assert manifest(content) == TEXTS


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "Expecting"),
        ([], "no JSON object"),
        ({}, "neither"),
        ({"id": 1}, "neither"),
        ({"": TEXT}, "neither"),
        ({"format": "another", "version": 1, "operations": []}, "only version 1"),
        ({**apollo(**TEXTS), "version": 2}, "only version 1"),
        ({**apollo(**TEXTS), "operations": [{"id": "x"}]}, "an id and a body"),
        ({**apollo(**TEXTS), "operations": 1}, "an id and a body"),
        ({"x": "{ nothing }"}, "x: .*nothing"),
        ({"x": "{"}, "x: Syntax Error"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_named_at_the_start(
    written: Callable[[Any], Path], content: Any, why: str
) -> None:
    path = written(content)
    with pytest.raises(ManifestError, match=f"trusted documents, .*manifest.json: .*{why}"):
        trusted(Mode.ONLY, path)


def test_a_manifest_that_is_not_there_is_named_too(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"nowhere\.json"):
        trusted(Mode.LOG, tmp_path / "nowhere.json")


@pytest.mark.parametrize("file", ["trusted-documents.json", "trusted-documents.apollo.json"])
def test_the_storefronts_own_manifests_can_be_used(file: str) -> None:
    documents = trusted(Mode.ONLY, DIRECTORY / file)
    for name, text in manifest(json.loads((DIRECTORY / file).read_text())).items():
        assert name == hashlib.sha256(text.encode()).hexdigest()
        assert documents.document(Asked(document_id=f"sha256:{name}")).text == text


def test_no_limit_of_documents_holds_for_those_that_are_trusted(written: Callable[[Any], Path]) -> None:
    long = "{ fruits { " + " ".join(f"a{number}: id" for number in range(100)) + " } }"
    documents = trusted(Mode.ONLY, written({"long": long}))
    assert documents.document(Asked(document_id="long")).trusted
    assert documents.document(Asked(query=long)).trusted
    with pytest.raises(RefusedError):
        documents.document(Asked(query=long + " "))


NAMED: list[Json] = [
    {"documentId": "the-id"},
    {"documentId": "sha256:the-id"},
    {"documentId": SHA256},
    {"documentId": f"sha256:{SHA256}"},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": SHA256}}},
]
SAME_AS_TEXT: list[Json] = [
    {"query": TEXT},
    {"query": TEXT.replace(" ", "\n  ") + "# with a comment"},
    {"query": TEXT, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": SHA256}}},
]
UNKNOWN: list[Json] = [
    {"documentId": "another"},
    {"documentId": ""},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
]


@pytest.mark.parametrize("mode", ["log", "only"])
@pytest.mark.parametrize("ask", [over_http, over_websocket])
async def test_a_trusted_document_is_executed_however_it_is_named(
    open_gateway: Open, written: Callable[[Any], Path], ask: Any, mode: str
) -> None:
    path = written(apollo(**TEXTS))
    async with open_gateway(bff_trusted_documents=(path,), bff_trusted_documents_mode=mode) as gateway:
        for request in NAMED + SAME_AS_TEXT:
            assert await ask(gateway, request) == DATA, request
        for request in UNKNOWN:
            answer = await ask(gateway, request)
            assert (code(answer), answer["errors"][0]["message"]) == (
                "PERSISTED_QUERY_NOT_FOUND",
                "PersistedQueryNotFound",
            )
        assert await gateway.metric("untrusted_documents_total") == 0


@pytest.mark.parametrize("ask", [over_http, over_websocket])
async def test_where_only_trusted_documents_are_executed_no_other_is(
    open_gateway: Open, written: Callable[[Any], Path], ask: Any
) -> None:
    path = written({**TEXTS, "schema": INTROSPECTS})
    async with open_gateway(bff_trusted_documents=(path,), bff_trusted_documents_mode="only") as gateway:
        assert code(await ask(gateway, {"query": OTHER})) == "UNTRUSTED_DOCUMENT"
        assert code(await ask(gateway, {"query": "{ __schema { types { name } } }"})) == "UNTRUSTED_DOCUMENT"
        assert code(await ask(gateway, {"query": "{ nothing }"})) == "UNTRUSTED_DOCUMENT"
        assert code(await ask(gateway, {"query": "{"})) == "GRAPHQL_PARSE_FAILED"
        assert (await ask(gateway, {"documentId": "schema"}))["data"] == {"__type": {"name": "Order"}}
        assert await gateway.metric("untrusted_documents_total") == 3


@pytest.mark.parametrize("ask", [over_http, over_websocket])
async def test_where_others_are_logged_they_are_executed_and_named_once(
    open_gateway: Open, written: Callable[[Any], Path], caplog: pytest.LogCaptureFixture, ask: Any
) -> None:
    caplog.set_level(logging.WARNING, logger="bff")
    path = written(TEXTS)
    named = f"query Other {OTHER}"
    async with open_gateway(bff_trusted_documents=(path,), bff_trusted_documents_mode="log") as gateway:
        for _ in range(3):
            assert await ask(gateway, {"query": named, "operationName": "Other"}) == DATA
        assert await gateway.metric("untrusted_documents_total") == 3
    (record,) = [each for each in caplog.records if "not trusted" in each.getMessage()]
    assert vars(record)["operation"] == "Other"
    assert vars(record)["sha256"] == hashlib.sha256(named.encode()).hexdigest()


@pytest.mark.parametrize("request_", [*NAMED, *UNKNOWN])
async def test_where_there_are_none_a_name_is_not_supported(gateway: Gateway, request_: Json) -> None:
    for answer in (await over_http(gateway, request_), await over_websocket(gateway, request_)):
        assert (code(answer), answer["errors"][0]["message"]) == (
            "PERSISTED_QUERY_NOT_SUPPORTED",
            "PersistedQueryNotSupported",
        )


async def test_a_trusted_document_can_be_asked_for_by_get(
    open_gateway: Open, written: Callable[[Any], Path]
) -> None:
    settings = {"bff_trusted_documents": (written(TEXTS),), "bff_trusted_documents_mode": "only"}
    persisted = json.dumps({"persistedQuery": {"version": 1, "sha256Hash": SHA256}})
    async with open_gateway(**settings) as gateway:
        for params in ({"documentId": "sha256:the-id"}, {"extensions": persisted}):
            _, _, body = await gateway.ask("GET", "/graphql", params=params, headers=bearer())
            assert json.loads(body) == DATA


async def test_cost_holds_for_trusted_documents(open_gateway: Open, written: Callable[[Any], Path]) -> None:
    settings = {"bff_trusted_documents": (written(TEXTS),), "bff_trusted_documents_mode": "only"}
    async with open_gateway(**settings, bff_cost_budget=50) as gateway:
        assert code(await over_http(gateway, {"documentId": "the-id"})) == "COST_TOO_HIGH"


async def test_a_stream_can_be_a_trusted_document(open_gateway: Open) -> None:
    path = DIRECTORY / "trusted-documents.json"
    (name,) = (
        key for key, text in json.loads(path.read_text()).items() if "subscription OrderStatus" in text
    )
    request = {"documentId": name, "variables": {"orderId": "none"}}
    async with open_gateway(bff_trusted_documents=(path,), bff_trusted_documents_mode="only") as gateway:
        assert code(await over_websocket(gateway, request)) == "ORDER_NOT_FOUND"
        headers = {**bearer(), "accept": "text/event-stream"}
        _, _, body = await gateway.ask("POST", "/graphql", json=request, headers=headers)
        assert b"ORDER_NOT_FOUND" in body
