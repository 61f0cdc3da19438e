"""Four services that serve feeds and nothing else, on a real socket; what they say may change meanwhile."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from compose.ops.addresses import Addresses
from compose.ops.story import KINDS, Story
from tests.services.sockets import on_a_socket
from tests.trust import SERVICE_SECRET

NOWHERE = "http://127.0.0.1:9"
"""The discard port: nobody listens there."""


class Saying:
    """What four services say, and what they were asked: `order ?after=…`, `payment order-1`.

    `asked` is called with each question before it is answered; `fails` has statuses to answer with first.
    """

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Any]] = {service: {} for service in KINDS}
        self.questions: list[str] = []
        self.asked: Callable[[str], None] = lambda _: None
        self.fails: dict[str, list[int]] = {}
        self.addresses = _addresses({})

    def say(self, *stories: Story) -> None:
        """From now on, this of these orders."""
        for story in stories:
            there = dict(story.entries())
            for service, entries in self.entries.items():
                entries.pop(story.order_id, None)
                if service in there:
                    entries[story.order_id] = there[service]

    def mount(self, service: str) -> Mount:
        async def page(request: Request) -> Response:
            after, limit = request.query_params.get("after", ""), int(request.query_params["limit"])
            if failed := self._failed(service, f"{service} ?after={after}"):
                return failed
            ids = sorted(order_id for order_id in self.entries[service] if order_id > after)
            said = _page([self.entries[service][order_id] for order_id in ids], limit)
            return Response(said, media_type="application/json")

        async def entry(request: Request) -> Response:
            order_id = request.path_params["order_id"]
            if failed := self._failed(service, f"{service} {order_id}"):
                return failed
            known = self.entries[service].get(order_id)
            return _answer(known) if known else Response(status_code=404)

        return Mount(f"/{service}", routes=[Route("/feed", page), Route("/feed/{order_id}", entry)])

    def _failed(self, service: str, question: str) -> Response | None:
        self.questions.append(question)
        self.asked(question)
        fails = self.fails.get(service)
        return Response(status_code=fails.pop(0)) if fails else None


def _page(entries: list[Any], limit: int) -> str:
    following = entries[limit - 1].order_id if len(entries) > limit else None
    shown = ",".join(each.model_dump_json(serialize_as_any=True) for each in entries[:limit])
    return f'{{"entries": [{shown}], "next": {json.dumps(following)}}}'


def _answer(said: Any) -> Response:
    return Response(said.model_dump_json(serialize_as_any=True), media_type="application/json")


def _addresses(urls: Mapping[str, str]) -> Addresses:
    order, payment, delivery, mypage = (urls.get(service, NOWHERE) for service in KINDS)
    return Addresses(order, payment, delivery, mypage, "amqp://127.0.0.1:9", SERVICE_SECRET)


@asynccontextmanager
async def on_a_socket_of_their_own(services: Iterable[str] = KINDS) -> AsyncIterator[Saying]:
    """These of the services, and nobody where the others should be."""
    saying = Saying()
    async with on_a_socket(Starlette(routes=[saying.mount(service) for service in KINDS])) as url:
        saying.addresses = _addresses({service: f"{url}/{service}" for service in services})
        yield saying
