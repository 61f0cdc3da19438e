"""Who sees and does what operators do: operators, from our own page."""

from collections.abc import AsyncIterator, Mapping

import pytest

from tests.bff.asking import SECRET, bearer
from tests.bff.ops.page import Page, operator, page_of
from tests.conftest import Place
from tests.hostile.forged import signed

ROUTES = [
    ("GET", "state"),
    ("GET", "dead-letters"),
    ("POST", "dead-letters/redrive"),
    ("GET", "sandbox"),
    ("PUT", "sandbox"),
]
UNSAFE = [each for each in ROUTES if each[0] != "GET"]

NOBODY = (401, {"error": "Sign in first."})
NOT_ONE = (403, {"error": "This is for operators."})
ELSEWHERE = (403, {"error": "This is done from our own page alone."})


@pytest.fixture
async def page(place_without_broker: Place) -> AsyncIterator[Page]:
    """A page of a gateway on which nobody is an operator without the role."""
    async with page_of(place_without_broker) as page:
        yield page


def cookie(token: str) -> dict[str, str]:
    return {"cookie": f"fruitstore={token}"}


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_nobody_and_no_customer_gets_in(method: str, path: str, page: Page) -> None:
    tokens = ("", "Bearer nonsense", f"Bearer {signed(SECRET, sub='x', roles=['operator'], exp=1)}")
    for headers in ({}, *({"authorization": token} for token in tokens)):
        assert await page.asks(method, path, headers=headers) == NOBODY
    for roles in ([], ["operators"], "oper", {"operator": True}, [["operator"]], None):
        token = signed(SECRET, sub="customer-1", roles=roles)
        assert await page.asks(method, path, headers={"authorization": f"Bearer {token}"}) == NOT_ONE
        assert await page.asks(method, path, headers=cookie(token)) == NOT_ONE


@pytest.mark.parametrize(("method", "path"), UNSAFE)
@pytest.mark.parametrize(
    "said",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
async def test_nothing_is_done_from_a_foreign_page(
    method: str, path: str, said: Mapping[str, str], page: Page
) -> None:
    token = signed(SECRET, sub="operator-1", roles=["operator"])
    for headers in ({"authorization": f"Bearer {token}"}, cookie(token)):
        assert await page.asks(method, path, {"all": True}, {**headers, **said}) == ELSEWHERE


async def test_a_foreign_page_sees_nothing_by_our_cookie(page: Page) -> None:
    token = signed(SECRET, sub="operator-1", roles=["operator"])
    headers = {**cookie(token), "origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert await page.asks("GET", "state", headers=headers) == NOBODY


async def test_an_operator_gets_in_by_header_and_by_cookie_from_our_own_page(page: Page) -> None:
    token = signed(SECRET, sub="operator-1", roles=["operator", "more"])
    ours = {"origin": f"http://{page.gateway.address}", "sec-fetch-site": "same-origin"}
    for headers in (operator(), cookie(token), {**cookie(token), **ours}):
        assert (await page.asks("GET", "state", headers=headers))[0] == 200
        status, said = await page.asks("POST", "dead-letters/redrive", {}, headers)
        assert (status, said) == (400, {"error": "This is not what is asked for here."})


async def test_the_role_has_the_name_that_is_set(place_without_broker: Place) -> None:
    async with page_of(place_without_broker, auth_operator_role="fruit-admin") as page:
        admin = {"authorization": f"Bearer {signed(SECRET, sub='x', roles='fruit-admin')}"}
        assert (await page.asks("GET", "state", headers=admin))[0] == 200
        assert await page.asks("GET", "state", headers=operator()) == NOT_ONE


async def test_where_dev_login_is_on_whoever_is_signed_in_is_an_operator(place_without_broker: Place) -> None:
    async with page_of(place_without_broker, bff_dev_login=True) as page:
        assert (await page.asks("GET", "state", headers=bearer()))[0] == 200
        assert await page.asks("GET", "state", headers={}) == NOBODY


async def test_who_does_what_is_logged_without_their_token(
    page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    said = operator("ada")
    await page.asks("PUT", "sandbox", {"stopped": True}, said)
    await page.asks("POST", "dead-letters/redrive", {"id": "a1b2"}, said)
    lines = [vars(record) for record in caplog.records if record.name == "bff.ops.routes"]
    done = {line["message"]: line for line in lines if "by" in line}
    assert done["sandbox levers pulled"]["by"] == done["dead letters to be sent again"]["by"] == "ada"
    assert done["sandbox levers pulled"]["levers"] == {"stopped": True}
    assert done["dead letters to be sent again"]["which"] == "a1b2"
    assert said["authorization"].partition(" ")[2] not in caplog.text + str(lines)
