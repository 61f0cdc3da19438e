"""Tokens of an issuer that publishes its keys: it rotates them, is slow, says nonsense, or is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from joserfc.jwk import ECKey, OKPKey
from prometheus_client import CollectorRegistry

from bff import jwks
from bff.auth import Authenticator, NotAuthenticatedError
from bff.claims import Rules
from bff.jwks import Jwks
from bff.keys import shared
from services.chassis.background import running
from tests.bff.asking import SECRET
from tests.bff.issuing import Issuer, issuer, published, rsa, signed
from tests.bff.test_keys import hmac_signed_with
from tests.waiting import until

ONE, OTHER = rsa(), rsa()


class Reader:
    """An authenticator that reads an issuer's tokens; its clock for fetches stands until it is moved."""

    def __init__(self, url: str, *, secret: str | None = None, every: float = 300) -> None:
        self.now = 1000.0
        self.registry = CollectorRegistry()
        self.keys = Jwks(url, self.registry, refresh_seconds=every, clock=lambda: self.now)
        self.authenticator = Authenticator(secret=shared(secret) if secret else None, issuer=self.keys)

    async def lets_in(self, token: str) -> bool:
        try:
            await self.authenticator.identify(token)
        except NotAuthenticatedError:
            return False
        return True

    def metric(self, name: str) -> float | None:
        return self.registry.get_sample_value(name)


@pytest.fixture
async def issuing() -> AsyncIterator[Issuer]:
    async with issuer(published(ONE)) as there:
        yield there


@pytest.fixture
def reader(issuing: Issuer) -> Reader:
    return Reader(issuing.url)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "FETCH_SECONDS", 0.3)
    monkeypatch.setattr(jwks, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(jwks, "RETRY_SECONDS", 0.05)


@asynccontextmanager
async def fetching(reader: Reader) -> AsyncIterator[None]:
    """The background's own fetches, as often as is set."""
    async with running(reader.keys.run()):
        yield


async def test_what_a_published_key_signed_is_let_in(issuing: Issuer, reader: Reader) -> None:
    ec, ed = ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")
    issuing.publishes(published(ONE), published(ec, "ec"), published(ed, "ed"))
    for token in (
        *(signed(ONE, alg) for alg in ("RS256", "PS256", "RS512")),
        signed(ec, "ES256", "ec"),
        signed(ed, "Ed25519", "ed"),
    ):
        caller = await reader.authenticator.identify(token)
        assert caller.customer_id == "customer-1"
        assert caller.key_id
    assert issuing.asked == 1


async def test_a_key_takes_no_other_signature_for_its_own(issuing: Issuer, reader: Reader) -> None:
    assert not await reader.lets_in(signed(OTHER))
    assert not await reader.lets_in(signed(ECKey.generate_key("P-256"), "ES256"))
    pem = ONE.as_pem(private=False)
    for material in (pem, pem.strip(), ONE.as_dict(private=False)["n"].encode()):  # type: ignore[union-attr]
        for alg in ("HS256", "RS256", "none", "None", "HS512"):
            assert not await reader.lets_in(hmac_signed_with(material, alg))
    assert issuing.asked == 1


async def test_a_secret_and_published_keys_stand_beside_each_other(issuing: Issuer) -> None:
    reader = Reader(issuing.url, secret=SECRET)
    assert await reader.lets_in(hmac_signed_with(SECRET.encode(), "HS256"))
    assert await reader.lets_in(signed(ONE))
    assert not await reader.lets_in(hmac_signed_with(ONE.as_pem(private=False), "HS256"))


async def test_a_token_without_a_key_id_is_for_the_only_key(issuing: Issuer, reader: Reader) -> None:
    issuing.publishes(published(ONE, None))
    assert await reader.lets_in(signed(ONE, kid=None))
    assert not await reader.lets_in(signed(OTHER, kid=None))
    issuing.publishes(published(ONE, "one"), published(OTHER, "other"))
    two = Reader(issuing.url)
    assert not await two.lets_in(signed(ONE, kid=None))
    assert await two.lets_in(signed(ONE, kid="one"))


async def test_a_new_key_is_looked_for_when_a_token_names_it(issuing: Issuer, reader: Reader) -> None:
    assert await reader.lets_in(signed(ONE))
    issuing.publishes(published(ONE), published(OTHER, "other"))
    reader.now += jwks.AGAIN_SECONDS
    assert await reader.lets_in(signed(OTHER, kid="other"))
    assert await reader.lets_in(signed(ONE))
    assert issuing.asked == 2


async def test_what_a_key_signed_that_was_taken_out_is_refused_and_ends(
    issuing: Issuer, reader: Reader
) -> None:
    caller = await reader.authenticator.identify(signed(ONE))
    assert reader.authenticator.is_still_good(caller)
    issuing.publishes(published(OTHER, "other"))
    reader.now += jwks.AGAIN_SECONDS
    assert await reader.lets_in(signed(OTHER, kid="other"))
    assert not reader.authenticator.is_still_good(caller)
    assert not await reader.lets_in(signed(ONE))


async def test_another_key_of_the_same_name_is_another_key(issuing: Issuer, reader: Reader) -> None:
    assert await reader.lets_in(signed(ONE))
    issuing.publishes(published(OTHER))
    async with fetching(reader):
        await until(lambda: issuing.asked == 2)
        await until(lambda: reader.lets_in(signed(OTHER)))
    assert not await reader.lets_in(signed(ONE))


async def test_keys_are_fetched_every_so_often(issuing: Issuer) -> None:
    reader = Reader(issuing.url, every=0.05)
    async with fetching(reader):
        await until(lambda: issuing.asked > 3)
    assert reader.metric("jwks_keys") == 1


async def test_a_flood_of_unknown_keys_costs_the_issuer_one_question(issuing: Issuer, reader: Reader) -> None:
    issuing.takes(0.1)
    tokens = [signed(OTHER, kid=f"forged-{number}") for number in range(200)]
    assert not any(await asyncio.gather(*map(reader.lets_in, tokens)))
    assert not any(await asyncio.gather(*map(reader.lets_in, tokens)))
    assert issuing.asked == 1
    assert await reader.lets_in(signed(ONE))
    reader.now += jwks.AGAIN_SECONDS
    assert not any(await asyncio.gather(*map(reader.lets_in, tokens)))
    assert issuing.asked == 2


@pytest.mark.usefixtures("impatient")
async def test_keys_are_kept_while_their_issuer_is_away(issuing: Issuer) -> None:
    reader = Reader(issuing.url, every=0.05)
    async with fetching(reader):
        await until(lambda: reader.lets_in(signed(ONE)))
        caller = await reader.authenticator.identify(signed(ONE))
        await issuing.there.stop()
        await until(lambda: (reader.metric("jwks_fetch_failures_total") or 0) > 2)
        reader.now += 60
        assert reader.metric("jwks_age_seconds") == 60
        assert await reader.lets_in(signed(ONE))
        assert reader.authenticator.is_still_good(caller)
        assert reader.keys.detail() == {"keys": 1, "fetched": False}
        await issuing.there.start()
        issuing.publishes(published(OTHER, "other"))
        await until(lambda: reader.lets_in(signed(OTHER, kid="other")))
        assert reader.metric("jwks_age_seconds") == 0


@pytest.mark.parametrize(
    ("text", "status", "headers"),
    [
        *((text, 200, "") for text in ("", "<html>", "null", '{"keys": []}', '{"keys": [{"kty": "oct"}]}')),
        *(("", status, "") for status in (204, 404, 500, 503)),
        ("", 302, "location: http://127.0.0.1:9/\r\n"),
        (" " * (jwks.MAX_BYTES + 1), 200, ""),
    ],
    ids=lambda said: str(said)[:30],
)
async def test_nonsense_throws_no_good_key_away(
    issuing: Issuer, reader: Reader, text: str, status: int, headers: str
) -> None:
    assert await reader.lets_in(signed(ONE))
    issuing.says(text, status, headers)
    reader.now += jwks.AGAIN_SECONDS
    assert not await reader.lets_in(signed(OTHER, kid="unknown"))
    assert (issuing.asked, reader.metric("jwks_fetch_failures_total")) == (2, 1)
    assert await reader.lets_in(signed(ONE))


@pytest.mark.usefixtures("impatient")
async def test_an_issuer_that_takes_for_ever_holds_nobody_up(issuing: Issuer, reader: Reader) -> None:
    assert await reader.lets_in(signed(ONE))
    issuing.takes(60)
    reader.now += jwks.AGAIN_SECONDS
    async with asyncio.timeout(10):
        assert not await reader.lets_in(signed(OTHER, kid="unknown"))
        assert await reader.lets_in(signed(ONE))
        await until(lambda: reader.metric("jwks_fetch_failures_total") == 1)


@pytest.mark.usefixtures("impatient")
async def test_nobody_is_let_in_and_it_is_not_ready_before_keys_are_known(issuing: Issuer) -> None:
    await issuing.there.stop()
    reader = Reader(issuing.url)
    assert not await reader.lets_in(signed(ONE))
    assert not await reader.keys.known()
    assert reader.metric("jwks_age_seconds") == float("inf")
    async with fetching(reader):
        await issuing.there.start()
        await until(lambda: reader.lets_in(signed(ONE)))
    assert await reader.keys.known()


async def test_issuer_and_audience_are_asked_of_its_tokens_too(reader: Reader) -> None:
    rules = Rules(issuer="https://issuer", audience="fruitstore")
    strict = Authenticator(issuer=reader.keys, rules=rules)
    with pytest.raises(NotAuthenticatedError):
        await strict.identify(signed(ONE))
    await strict.identify(signed(ONE, iss="https://issuer", aud="fruitstore"))
