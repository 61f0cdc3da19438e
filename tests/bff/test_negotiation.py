"""What a client accepts decides what it is answered with, and with which status."""

import json

import pytest

from bff.edge.accept import FOR_MANY, FOR_ONE_ANSWER, Accepted, MediaType
from tests.bff.asking import Gateway, bearer
from tests.bff.test_endpoint import TYPENAME, WATCH_ALL, refused

JSON, GRAPHQL, EVENTS, MULTIPART = MediaType.JSON, MediaType.GRAPHQL, MediaType.EVENTS, MediaType.MULTIPART
URQLS = f"{GRAPHQL}, application/graphql+json, {JSON}, {EVENTS}, {MULTIPART}"
APOLLOS = f"multipart/mixed;boundary=graphql;subscriptionSpec=1.0,{GRAPHQL},{JSON};q=0.9"
APOLLOS_OLD = f'multipart/mixed;boundary="graphql";subscriptionSpecVersion="1.0", {JSON}'
BROWSERS = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "one", "many"),
    [
        *((None, JSON, None), ("", JSON, None), ("*/*", JSON, None), ("application/*", JSON, None)),
        *((JSON, JSON, None), (GRAPHQL, GRAPHQL, None), (EVENTS, EVENTS, EVENTS)),
        (f"{JSON};q=0.9, {GRAPHQL}", GRAPHQL, None),
        (f"{GRAPHQL}, {JSON}", GRAPHQL, None),
        (f"{JSON}, {GRAPHQL}", JSON, None),
        (f"*/*, {GRAPHQL}", GRAPHQL, None),
        (f"*/*;q=0.1, {EVENTS};q=0.5", EVENTS, EVENTS),
        (f"{JSON};q=0, */*", GRAPHQL, None),
        (f"{JSON};q=0", None, None),
        (f"{JSON};q=x, {GRAPHQL};q=0.001", GRAPHQL, None),
        *((URQLS, GRAPHQL, EVENTS), (APOLLOS, GRAPHQL, MULTIPART), (APOLLOS_OLD, JSON, MULTIPART)),
        (f"{EVENTS};q=0.5, {APOLLOS}", GRAPHQL, MULTIPART),
        *((BROWSERS, JSON, None), ("text/*", None, None), ("image/png", None, None)),
        (MULTIPART, None, None),
        *((",,;q=1,/,a/,/b", None, None), ("APPLICATION/JSON ; Q=1", JSON, None), ("text", None, None)),
        (f"{'x/y,' * 60}{JSON}", None, None),
    ],
)
def test_what_suits_best_is_given(header: str | None, one: MediaType | None, many: MediaType | None) -> None:
    accepted = Accepted.of(header)
    assert (accepted.best(FOR_ONE_ANSWER), accepted.best(FOR_MANY)) == (one, many)


def test_no_header_takes_long_to_read() -> None:
    for nonsense in ("a" * 65536, "a/b;" * 16384, ";=" * 32768, "a/b;c=" + '"' * 65536):
        Accepted.of(nonsense)


@pytest.mark.parametrize(
    ("accept", "status"), [(JSON, 200), ("*/*", 200), (GRAPHQL, 400), (f"{JSON};q=0.9, {GRAPHQL}", 400)]
)
@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query ($id: ID!) { order(id: $id) { id } }", {"id": None}, "BAD_USER_INPUT"),
    ],
)
async def test_a_refused_document_has_a_status_of_its_own_for_whoever_knows_the_standard(
    gateway: Gateway, accept: str, status: int, query: str, variables: dict[str, None], code: str
) -> None:
    body = {"query": query, "variables": variables}
    got, headers, answer = await gateway.ask(
        "POST", "/graphql", json=body, headers={**bearer(), "accept": accept}
    )
    said = json.loads(answer)
    assert (got, headers["content-type"]) == (
        status,
        f"{GRAPHQL if status == 400 else JSON}; charset=utf-8",
    )
    assert "data" not in said
    assert [error["extensions"]["code"] for error in said["errors"]] == [code]


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_what_was_executed_is_ok_even_where_it_went_wrong(gateway: Gateway, accept: str) -> None:
    body = {"query": "{ fruits { id } }"}
    status, headers, answer = await gateway.ask("POST", "/graphql", json=body, headers={"accept": accept})
    assert (status, headers["content-type"]) == (200, f"{accept}; charset=utf-8")
    assert set(json.loads(answer)) == {"data", "errors"}


@pytest.mark.parametrize("accept", ["text/html", "multipart/mixed", f"{JSON};q=0"])
async def test_nothing_is_given_to_whoever_accepts_nothing_of_ours(gateway: Gateway, accept: str) -> None:
    told = await refused(gateway, json=TYPENAME, headers={"accept": accept})
    assert told == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize("accept", [JSON, GRAPHQL, "*/*"])
async def test_a_subscription_is_given_to_nobody_who_does_not_ask_for_a_stream(
    gateway: Gateway, accept: str
) -> None:
    headers = {**bearer(), "accept": accept}
    status, _, body = await gateway.ask("POST", "/graphql", json={"query": WATCH_ALL}, headers=headers)
    (error,) = json.loads(body)["errors"]
    assert (status, error["extensions"]["code"]) == (406, "NOT_ACCEPTABLE")


async def test_no_answer_is_kept_by_what_is_between_us(gateway: Gateway) -> None:
    _, headers, _ = await gateway.ask("POST", "/graphql", json=TYPENAME)
    assert headers["cache-control"] == "no-store"
    varying = {"Accept", "Accept-Language", "Authorization", "Cookie", "Origin"}
    assert varying == set(headers["vary"].split(", "))
