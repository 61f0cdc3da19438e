"""One life of a service: a process that carries out one command, and may die on the way."""

import asyncio
import multiprocessing
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

import services.delivery.app
import services.mypage.app
import services.order.app
import services.payment.app
from schema.events import Event
from services.chassis import aggregates, logs, outbox
from services.chassis.bus import Bus
from services.chassis.collecting import Collector
from services.chassis.settings import ProcessSettings
from services.chassis.telling import Teller
from services.delivery.settings import DeliverySettings
from services.mypage.settings import MypageSettings
from services.order.settings import OrderSettings
from services.payment.due import Due
from services.payment.handlers import Payments
from services.payment.settings import PaymentSettings
from tests.drills.steps import Moment, Steps
from tests.services.serving import JSON
from tests.trust import trusted
from tests.waiting import until

SERVICES: dict[str, tuple[type[ProcessSettings], Callable[[Any], Starlette]]] = {
    "order": (OrderSettings, services.order.app.build),
    "payment": (PaymentSettings, services.payment.app.build),
    "delivery": (DeliverySettings, services.delivery.app.build),
    "mypage": (MypageSettings, services.mypage.app.build),
}

LONGEST_SECONDS = 20.0

LEFT_AFTER = timedelta(milliseconds=200)
"""When a fact counts as left, so that the next life need not wait long for it."""

FORKS = multiprocessing.get_context("forkserver")
"""Processes that begin with everything imported already."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command over HTTP."""

    method: str
    path: str
    body: str


@dataclass(frozen=True, slots=True)
class Life:
    """What a process is to do: which service it is, what it is asked or has to hear, and where it dies.

    `broken` makes the service forget which of its facts are untold.
    """

    service: str
    settings: dict[str, Any]
    request: Request | None = None
    hears: int = 0
    at: int | None = None
    moment: Moment = "suspended"
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How a life ended: at which point of what it died, or how many points it has passed alive."""

    died: bool
    point: int
    what: str = ""


async def lived(life: Life) -> Ending:
    """Let a process live that life to its end."""
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=_live, args=(life, theirs), daemon=True)
    await asyncio.to_thread(process.start)
    theirs.close()
    try:
        ending: Ending = await asyncio.wait_for(asyncio.to_thread(ours.recv), LONGEST_SECONDS)
    except EOFError:
        raise AssertionError(f"{life.service} ended without a word") from None
    finally:
        ours.close()
        await asyncio.to_thread(process.join, LONGEST_SECONDS)
        process.kill()
        process.close()
    return ending


def preload() -> None:
    """Have new processes begin with all imported that they need; they run the main module, pytest's, anew."""
    FORKS.set_forkserver_preload([__name__, "pytest"])


def _live(life: Life, parent: Connection) -> None:
    def dying(number: int, what: str) -> None:
        parent.send(Ending(died=True, point=number, what=what))

    steps = Steps(life.at, life.moment, dying)
    asyncio.run(_Living(life, steps).all_of_it())
    parent.send(Ending(died=False, point=steps.taken))
    os._exit(0)  # all is closed; the rest of an interpreter's end takes as long as the life did


class _Living:
    """The service in this process, stepped where a command's work is done."""

    def __init__(self, life: Life, steps: Steps) -> None:
        self._life = life
        self._steps = steps
        self._heard = 0
        self._outboxes: list[outbox.Outbox] = []
        self._patch()
        kind, build = SERVICES[life.service]
        settings = kind(**life.settings)
        logs.configure(settings, life.service)
        self._app = build(settings)

    async def all_of_it(self) -> None:
        """Begin, be asked or hear, and end when nothing is left to be told."""
        async with (
            self._app.router.lifespan_context(self._app),
            _client(self._app) as plain,
            _client(_stepped(self._app, self._steps)) as stepped,
        ):
            await until(lambda: _ready(plain))
            if self._life.request:
                await _asked(stepped, self._life.request)
            await until(lambda: self._heard >= self._life.hears)
            await until(self._all_told)
            await until(self._nothing_owed)

    def _patch(self) -> None:
        """Step what goes on in tasks of its own, and what is heard; in this process alone."""
        step = self._steps.stepped
        for owner, name, what in (
            (Teller, "_told_and_marked", "tell"),
            (Collector, "_taken_in", "keep"),
            (Payments, "_drive", "charge"),
            (Due, "refund", "give back"),
        ):
            setattr(owner, name, step(what, getattr(owner, name)))
        made = outbox.Outbox.__init__

        def remembered(box: outbox.Outbox, *arguments: Any, **named: Any) -> None:
            made(box, *arguments, **named)
            self._outboxes.append(box)

        setattr(outbox.Outbox, "__init__", remembered)  # noqa: B010 # mypy forbids the assignment
        hear = Bus.hear

        def hear_stepped(bus: Bus, hearer: str, handler: Callable[[Event], Awaitable[None]]) -> None:
            hear(bus, hearer, self._counted(step("take in", handler)))

        setattr(Bus, "hear", hear_stepped)  # noqa: B010
        setattr(outbox, "LEFT_AFTER", LEFT_AFTER)  # noqa: B010
        if self._life.broken:
            setattr(aggregates, "entries", lambda *_: [])  # noqa: B010

    def _counted(self, handler: Callable[[Event], Awaitable[None]]) -> Callable[[Event], Awaitable[None]]:
        async def handle(fact: Event) -> None:
            await handler(fact)
            self._heard += 1

        return handle

    async def _all_told(self) -> bool:
        untold = {"outbox.0": {"$exists": True}}
        return not any([await box._collection.count_documents(untold) for box in self._outboxes])

    async def _nothing_owed(self) -> bool:
        owed = {"refund_due": {"$type": "date"}}
        return not any([await box._collection.count_documents(owed) for box in self._outboxes])


def _client(app: Any) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://service", headers=trusted()
    )


def _stepped(app: Starlette, steps: Steps) -> Any:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    return steps.stepped("answer", answer)


async def _ready(client: httpx2.AsyncClient) -> bool:
    said = (await client.get("/readyz")).json()
    return all(each["ok"] for each in said["dependencies"].values())


async def _asked(client: httpx2.AsyncClient, request: Request) -> None:
    await client.request(request.method, request.path, content=request.body.encode(), headers=JSON)
