"""Makes an attack, and says what is not acceptable about the answer."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from tests.hostile.attacks import TOO_MANY, Attack, Scene, SocketAttack
from tests.hostile.frames import ABNORMAL, Ended, Opcode, Peer, close, frame, handshake
from tests.hostile.leaks import leaked
from tests.hostile.target import MARK
from tests.hostile.wire import Reply, connected, exchange

PATIENCE_SECONDS = 15
COME_TOO_OFTEN = frozenset({429})
CLOSED_FOR_TOO_MANY = frozenset({4429, 1013, 1008})
LAST = "still there?"
"""The name of the operation with which this side sees whether it goes on."""

ANSWERS_TO_NO_HTTP = b"Invalid HTTP request received."


async def attack(what: Attack | SocketAttack, scene: Scene) -> list[str]:
    """Make it; the complaints about the answer."""
    make = _over_http(what, scene) if isinstance(what, Attack) else _over_websocket(what, scene)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            complaints = [each async for each in make]
    except TimeoutError:
        waits = scene.counted and isinstance(what, SocketAttack) and what.floods
        complaints = [] if waits else [f"no answer within {PATIENCE_SECONDS} s"]
    return [f"{what.name}: {complaint}" for complaint in complaints]


async def _over_http(attack: Attack, scene: Scene) -> Any:
    pieces = [scene.filled(piece) for piece in attack.pieces]
    if attack.leaves:
        await _leave(scene.port, b"".join(pieces))
        return
    replies = await exchange(
        scene.port,
        pieces,
        pause=attack.pause,
        half_close=attack.half_close,
        replies=attack.replies,
        head_only=attack.head_only,
    )
    sent = b"".join(pieces).decode(errors="replace")
    for reply in replies:
        told_off = scene.counted and reply.status in COME_TOO_OFTEN
        for complaint in _insides(reply.seen, sent) if told_off else _about(reply, attack, sent):
            yield complaint


async def _leave(port: int, data: bytes) -> None:
    async with connected(port) as (_, writer):
        writer.write(data)
        with suppress(OSError):
            await writer.drain()


def _about(reply: Reply, attack: Attack, sent: str) -> Iterator[str]:
    if not reply.status and attack.may_hang_up:
        return
    if reply.status not in attack.statuses:
        yield f"status {reply.status}: {reply.body[:200]!r}"
    yield from _insides(reply.seen, sent)
    if attack.codes and reply.body != ANSWERS_TO_NO_HTTP and "json" in reply.header("content-type"):
        yield from _about_codes(json.loads(reply.body), attack.codes)
    elif attack.codes and reply.status >= 400 and reply.body != ANSWERS_TO_NO_HTTP and not attack.head_only:
        yield f"no GraphQL: {reply.seen[:300]!r}"


def _insides(text: str, sent: str) -> Iterator[str]:
    yield from leaked(text, sent)
    if MARK in text:
        yield "another customer's address"


def _about_codes(body: Any, codes: frozenset[str]) -> Iterator[str]:
    for error in body.get("errors", []) if isinstance(body, dict) else [{}]:
        code = error.get("extensions", {}).get("code")
        if code not in codes:
            yield f"code {code}: {error.get('message')!r}"


async def _over_websocket(attack: SocketAttack, scene: Scene) -> Any:
    async with connected(scene.port) as (reader, writer):
        peer = Peer(reader, writer)
        request = handshake(scene.filled(b"<HOST>"), attack.protocol, scene.filled(attack.headers))
        reply = await peer.greeted(request)
        sent = b"".join(attack.frames).decode(errors="replace")
        for complaint in _insides(reply.seen, sent):
            yield complaint
        if reply.status != 101:
            if reply.status not in attack.statuses | (COME_TOO_OFTEN if scene.counted else set()):
                yield f"status {reply.status}: {reply.body[:200]!r}"
            return
        for complaint in await _talk(peer, attack, scene):
            yield complaint
        for complaint in (found for text in peer.texts for found in _about_frame(text, attack, sent)):
            yield complaint


async def _talk(peer: Peer, attack: SocketAttack, scene: Scene) -> list[str]:
    if attack.init is not None:
        payload = {"Authorization": f"Bearer {scene.filled(attack.init).decode()}"}
        peer.writer.write(_text({"type": "connection_init", "payload": payload}))
        if isinstance(heard := await peer.hears(), Ended):
            return _about_end(heard, attack, scene)
    sending = asyncio.create_task(_send(peer, attack, scene))
    try:
        if attack.leaves:
            await asyncio.wait({sending}, timeout=1)
            return []
        return _about_end(await _until_ended(peer), attack, scene)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send(peer: Peer, attack: SocketAttack, scene: Scene) -> None:
    with suppress(OSError):
        for each in attack.frames:
            peer.writer.write(scene.filled(each))
            if attack.reads:
                await peer.writer.drain()
        if attack.may_go_on or not attack.ends:
            operation = {"query": "{ __typename }"}
            peer.writer.write(_text({"type": "subscribe", "id": LAST, "payload": operation}))


async def _until_ended(peer: Peer) -> Ended:
    """The end; if it goes on after all, this side ends it as it should."""
    said_goodbye = False
    while not isinstance(heard := await peer.hears(), Ended):
        if json.loads(heard).get("id") == LAST and not said_goodbye:
            said_goodbye = True
            peer.writer.write(close(1000))
    return heard


def _about_end(heard: Ended, attack: SocketAttack, scene: Scene) -> list[str]:
    found = list(_insides(heard.reason, ""))
    goes_on = attack.may_go_on or not attack.ends
    expected = (
        attack.ends | ({1000} if goes_on else set()) | (CLOSED_FOR_TOO_MANY if scene.counted else set())
    )
    if heard.code == ABNORMAL or heard.code not in expected:
        found.append(f"ended with {heard}")
    return found


def _about_frame(text: str, attack: SocketAttack, sent: str) -> Iterator[str]:
    said = json.loads(text)
    yield from _insides(text, sent)
    errors = said["payload"] if said["type"] == "error" else (said.get("payload") or {}).get("errors", [])
    yield from _about_codes({"errors": errors}, attack.codes | TOO_MANY)


def _text(data: object) -> bytes:
    return frame(Opcode.TEXT, json.dumps(data).encode())
