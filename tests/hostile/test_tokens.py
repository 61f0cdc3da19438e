"""Tokens at every door: what is wrong is refused alike, and a stream ends with its token."""

import json
import time
from collections.abc import AsyncIterator, Iterable

import pytest

from compose.servers import Servers
from tests.bff.asking import SECRET
from tests.bff.issuing import issuer, published, rsa
from tests.hostile.attacks import HOST, Attack, Scene, SocketAttack, request
from tests.hostile.corpus_tokens import MULTIPART, STREAM, WATCHING, doors
from tests.hostile.forged import SECRET_TOKENS, signed
from tests.hostile.forged_published import AUDIENCE, ISSUER, PUBLISHED_TOKENS, good
from tests.hostile.frames import Ended, Opcode, Peer, frame, handshake
from tests.hostile.target import Target, running
from tests.hostile.test_corpus import attacks
from tests.hostile.wire import connected, heard_from
from tests.vhosts import Vhosts

KEY = rsa()
LIVES_SECONDS = 3
ENDS_WITHIN_SECONDS = 5


@pytest.fixture(scope="module")
async def with_issuer(
    servers: Servers, vhosts: Vhosts, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Target]:
    """A gateway that believes nobody but an issuer."""
    log = tmp_path_factory.mktemp("issuer") / "gateway.log"
    async with issuer(published(KEY)) as issuing:
        believes = {"AUTH_JWKS_URL": issuing.url, "AUTH_ISSUER": ISSUER, "AUTH_AUDIENCE": AUDIENCE}
        async with running(servers.mongo_url, await vhosts.fresh(), "issuer", log, believes) as target:
            yield target


def at_every_door(tokens: Iterable[tuple[str, str]]) -> list[Attack | SocketAttack]:
    """Tokens with their names, at each of the five doors."""
    every: list[Attack | SocketAttack] = []
    for name, token in tokens:
        every += doors(name, f"Bearer {token}")
        every.append(SocketAttack(f"socket: {name}", ends=frozenset({4403}), init=token.encode()))
    return every


def scene_of(target: Target) -> Scene:
    """Nothing but where it is."""
    return Scene(target.port, {HOST: target.address.encode()})


async def test_a_wrong_token_is_refused_alike_at_every_door(target: Target) -> None:
    wrong = at_every_door((name, make(SECRET)) for name, make in SECRET_TOKENS.items())
    complaints = await attacks(scene_of(target), wrong)
    assert not complaints, "\n".join(complaints)


async def test_a_token_that_the_issuer_did_not_give_for_us_is_refused_alike_at_every_door(
    with_issuer: Target,
) -> None:
    wrong = at_every_door((name, make(KEY)) for name, make in PUBLISHED_TOKENS.items())
    complaints = await attacks(scene_of(with_issuer), wrong)
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("whose", ["secret", "issuer"])
async def test_a_good_token_is_let_in_at_every_door(target: Target, with_issuer: Target, whose: str) -> None:
    token = good(KEY) if whose == "issuer" else signed(SECRET)
    at = with_issuer if whose == "issuer" else target
    complaints = await attacks(scene_of(at), doors("good", f"Bearer {token}"))
    let_in = [complaint.partition(":")[0] for complaint in complaints if "status 200" in complaint]
    assert sorted(let_in) == ["GET", "POST", "SSE", "multipart"], complaints
    async with connected(at.port) as (reader, writer):
        peer = Peer(reader, writer)
        assert await greeted(peer, at, token) == '{"type":"connection_ack"}'


async def greeted(peer: Peer, target: Target, token: str) -> str | Ended:
    """Shake hands and sign in; what is said to that."""
    reply = await peer.greeted(handshake(target.address.encode(), b"graphql-transport-ws"))
    assert reply.status == 101
    payload = {"Authorization": f"Bearer {token}"}
    init = json.dumps({"type": "connection_init", "payload": payload}).encode()
    peer.writer.write(frame(Opcode.TEXT, init))
    return await peer.hears()


@pytest.mark.parametrize("busy", [True, False])
async def test_a_websocket_ends_within_five_seconds_of_its_token(target: Target, busy: bool) -> None:  # noqa: FBT001
    end = int(time.time()) + LIVES_SECONDS
    async with connected(target.port) as (reader, writer):
        peer = Peer(reader, writer)
        assert await greeted(peer, target, signed(SECRET, exp=end)) == '{"type":"connection_ack"}'
        if busy:
            begin = {"type": "subscribe", "id": "1", "payload": json.loads(WATCHING)}
            writer.write(frame(Opcode.TEXT, json.dumps(begin).encode()))
        ended = await peer.end()
        assert (ended.code, 0 <= time.time() - end < ENDS_WITHIN_SECONDS) == (4403, True), ended


@pytest.mark.parametrize("accept", [STREAM, MULTIPART], ids=["SSE", "multipart"])
async def test_a_stream_over_http_ends_within_five_seconds_of_its_token(target: Target, accept: str) -> None:
    end = int(time.time()) + LIVES_SECONDS
    token = signed(SECRET, exp=end)
    asked = request(WATCHING, {"accept": accept, "authorization": f"Bearer {token}"})
    async with connected(target.port) as (reader, writer):
        writer.write(scene_of(target).filled(asked))
        reply = await heard_from(reader, listened=LIVES_SECONDS + ENDS_WITHIN_SECONDS + 2)
    assert reply.status == 200
    assert 0 <= time.time() - end < ENDS_WITHIN_SECONDS, reply.seen
    assert b"event: complete" not in reply.body, "its client would not come back"
