"""What browsers are told to allow, with every answer that there is."""

import pytest

from tests.bff.asking import Gateway, bearer
from tests.bff.web.building import ADDRESSES
from tests.bff.web.test_pages import ICON_AT, SCRIPT_AT, STYLE_AT

STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
LOOSER = {"style-src": "'self' 'unsafe-inline'", "font-src": "'self' data:", "worker-src": "'self'"}
OTHERS = [
    ("GET", "/session"),
    ("POST", "/session"),
    ("GET", "/graphql"),
    ("POST", "/graphql"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/nowhere"),
    ("DELETE", "/"),
    ("GET", "/assets/nothing.js"),
    ("POST", "/auth/revoke"),
    ("GET", STYLE_AT),
]


def read(policy: str) -> dict[str, str]:
    """A Content-Security-Policy, by its directives."""
    pairs = (each.strip().partition(" ") for each in policy.split(";"))
    return {name: value for name, _, value in pairs}


@pytest.mark.parametrize("address", ADDRESSES)
async def test_our_pages_run_nothing_but_what_is_ours(web: Gateway, address: str) -> None:
    _, headers, _ = await web.ask("GET", address)
    assert read(headers["content-security-policy"]) == STRICT


async def test_graphiql_gets_what_its_editor_needs_and_no_more(web: Gateway) -> None:
    _, headers, _ = await web.ask("GET", "/graphiql")
    assert read(headers["content-security-policy"]) == STRICT | LOOSER


@pytest.mark.parametrize("address", [*ADDRESSES, "/graphiql"])
async def test_no_page_is_shared_with_another_window_or_may_use_devices(web: Gateway, address: str) -> None:
    status, headers, _ = await web.ask("GET", address)
    for _ in range(2):
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert {"camera=()", "geolocation=()", "microphone=()"} <= set(
            headers["permissions-policy"].split(", ")
        )
        status, headers, _ = await web.ask("GET", address, headers={"if-none-match": headers["etag"]})
    assert status == 304


@pytest.mark.parametrize(("method", "address"), [*OTHERS, *(("GET", address) for address in ADDRESSES)])
async def test_every_answer_is_what_it_says_it_is_and_for_nobody_elses_page(
    web: Gateway, method: str, address: str
) -> None:
    _, headers, _ = await web.ask(method, address)
    for name, value in {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }.items():
        assert headers.getall(name) == [value]  # type: ignore[attr-defined] # aiohttp's
    assert len(headers.getall("content-security-policy")) == 1  # type: ignore[attr-defined] # likewise


@pytest.mark.parametrize(("method", "address"), OTHERS)
async def test_what_is_no_page_shows_nothing_as_one(web: Gateway, method: str, address: str) -> None:
    _, headers, _ = await web.ask(method, address)
    policy = read(headers["content-security-policy"])
    assert policy == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


async def test_a_script_may_be_a_worker_and_a_drawing_runs_no_script(web: Gateway) -> None:
    _, headers, _ = await web.ask("GET", SCRIPT_AT, headers={"accept-encoding": "identity"})
    assert read(headers["content-security-policy"])["script-src"] == "'self'"
    _, headers, _ = await web.ask("GET", ICON_AT)
    policy = read(headers["content-security-policy"])
    assert ("script-src" in policy, "sandbox" in policy) == (False, True)


async def test_a_listed_origin_still_reads_answers_but_gets_no_credentials(web: Gateway) -> None:
    asked = {"origin": "https://shop.example", **bearer()}
    _, headers, _ = await web.ask("POST", "/graphql", json={"query": "{ __typename }"}, headers=asked)
    assert headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-credentials" not in headers
