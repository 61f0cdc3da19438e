"""GraphQL over HTTP: one request, one answer, or a stream of them.

No effect is a foreign page's doing: commands are sent as application/json, which no page can send across
origins without a preflight; a GET has no effects, and only listed origins may read its answer; a cookie
counts for our own pages alone.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

import re
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass

from graphql import GraphQLError, OperationType
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bff import cookie
from bff.auth import Authenticator, NotAuthenticatedError
from bff.edge import streams
from bff.edge.accept import FOR_ONE_ANSWER, Accepted, MediaType
from bff.edge.answer import Answer
from bff.edge.asked import Asked
from bff.edge.body import Body
from bff.edge.client import Client
from bff.edge.documents import RefusedError
from bff.edge.framing import Events, Multipart
from bff.edge.gate import Gate, Operation
from bff.edge.heads import HeadRead
from bff.edge.lives import Lives
from bff.edge.refusals import RefusedRequestError, method_not_allowed, not_acceptable, too_large
from bff.edge.replies import HEADERS, as_event, reply, status_of
from bff.graph.codes import MEANING, Code
from bff.graph.context import Context
from bff.graph.errors import CodedError, bad_request
from bff.graph.texts import preferred
from bff.settings import BffSettings

RESERVATION = "x-graphql-event-stream-token"
RESERVED = re.compile(rb"(?:^|&)token(?:[=&]|$)")
"""The same in an address. It is not parsed for that: how much there is to parse is the client's choice."""

BAD = MEANING[Code.BAD_REQUEST].status


@dataclass(frozen=True)
class Asking:
    """One request, and what is known about it."""

    request: Request
    body: Body
    client: Client
    context: Context
    accepted: Accepted
    open_for_long: ExitStack
    """What is to be let go of when the response has been sent."""


class HttpEndpoint:
    """/graphql, asked by HTTP."""

    def __init__(self, settings: BffSettings, gate: Gate, lives: Lives, authenticator: Authenticator) -> None:
        self._settings = settings
        self._gate = gate
        self._lives = lives
        self._authenticator = authenticator
        self._methods = ("GET", "POST") if settings.bff_get_queries else ("POST",)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = HeadRead(scope)
        body = Body(
            request.headers,
            receive,
            most_bytes=self._settings.bff_body_bytes,
            most_seconds=self._settings.bff_body_seconds,
        )
        client = client_of(request)
        accepted = Accepted.of(",".join(request.headers.getlist("accept")))
        with ExitStack() as open_for_long:
            asking = Asking(request, body, client, self._gate.context(client), accepted, open_for_long)
            try:
                response = await self._response(asking)
            except ClientDisconnect:
                return
            response.raw_headers += HEADERS
            response.raw_headers.append((b"x-request-id", asking.context.correlation_id.encode("latin-1")))
            if token := asking.context.extensions.get("consistencyToken"):
                response.headers["x-consistency-token"] = token
            await body.answered_by(response)(scope, receive, send)

    async def _response(self, asking: Asking) -> Response:
        try:
            self._must_be_for_us(asking.request, asking.accepted)
            await self._identify(asking)
            return await self._answered(asking, await self._asked(asking))
        except ClientDisconnect:
            raise
        except RefusedRequestError as error:
            response = self._refused(asking, [error])
            response.headers.update(error.headers)
            return response
        except CodedError as error:
            return self._refused(asking, [error])
        except Exception as error:  # noqa: BLE001 # whatever it is, nothing of it may leave
            return self._refused(asking, [GraphQLError("", original_error=error)])

    def _must_be_for_us(self, request: Request, accepted: Accepted) -> None:
        if request.method not in self._methods:
            allowed = " and ".join(self._methods)
            raise method_not_allowed(f"Only {allowed} is answered here.", *self._methods)
        if RESERVATION in request.headers or RESERVED.search(request.scope["query_string"]):
            raise bad_request("Event streams are distinct connections here: none can be reserved.")
        if accepted.for_one_answer is None and accepted.for_many is None:
            raise not_acceptable(f"Accept {', '.join(FOR_ONE_ANSWER)}, or a stream for subscriptions.")

    async def _identify(self, asking: Asking) -> None:
        client, header = asking.client, asking.request.headers.get("authorization")
        try:
            client.caller = await self._authenticator.from_header(header, client.cookie)
        except NotAuthenticatedError as error:
            self._gate.rates.bad_token(client.address)
            raise CodedError(Code.UNAUTHENTICATED) from error
        asking.context.caller = client.caller

    async def _asked(self, asking: Asking) -> Asked:
        if asking.request.method == "POST":
            return Asked.of(await asking.body.json())
        query_string: bytes = asking.request.scope["query_string"]
        if len(query_string) > self._settings.bff_body_bytes:
            raise too_large(self._settings.bff_body_bytes)
        return Asked.in_query_string(query_string)

    async def _answered(self, asking: Asking, asked: Asked) -> Response:
        try:
            operation = self._gate.admit(asked, asking.context)
        except RefusedError as error:
            return self._refused_document(asking, error.errors)
        if asking.request.method == "GET" and operation.type is OperationType.MUTATION:
            raise method_not_allowed("A mutation is sent by POST.", "POST")
        is_one = operation.type is not OperationType.SUBSCRIPTION
        media_type = asking.accepted.for_one_answer if is_one else asking.accepted.for_many
        if media_type is None:
            raise not_acceptable(_what_to_accept(operation))
        if not is_one:
            return self._streamed(asking, operation, media_type)
        answer = await self._gate.answer(operation)  # whoever leaves meanwhile: a command comes to its end
        return as_event(answer) if media_type is MediaType.EVENTS else reply(answer, media_type)

    def _streamed(self, asking: Asking, operation: Operation, media_type: MediaType) -> Response:
        caller = asking.client.caller
        address = None if caller else asking.client.address
        is_events = media_type is MediaType.EVENTS
        one = self._lives.one(caller, "sse" if is_events else "multipart", address)
        life = asking.open_for_long.enter_context(one)
        framing = Events() if is_events else Multipart()
        answers = streams.answers(self._gate, operation)
        heartbeat = self._settings.bff_heartbeat_seconds
        return streams.Stream(self._gate, asking.context, answers, framing, life, heartbeat)

    def _refused_document(self, asking: Asking, errors: Iterable[GraphQLError]) -> Response:
        """graphql-sse has errors of documents told as events: its clients take a status for an outage.

        What is no matter of the document, and is worth trying again, does go by the status.
        """
        answer = self._gate.refusal(asking.context, errors)
        wants_events = asking.accepted.for_one_answer is MediaType.EVENTS
        if wants_events and status_of(answer, MediaType.EVENTS) == BAD:
            return as_event(answer)
        return _whole(answer, asking.accepted)

    def _refused(self, asking: Asking, errors: Iterable[GraphQLError]) -> Response:
        return _whole(self._gate.refusal(asking.context, errors), asking.accepted)


def client_of(connection: HTTPConnection) -> Client:
    """Who is at the other end, as far as its headers say."""
    headers = connection.headers
    tokens = headers.get("x-consistency-token", "")
    is_one_request = connection.scope["type"] == "http"
    return Client(
        idempotency_key=headers.get("idempotency-key", "").strip('" ') or None if is_one_request else None,
        address=connection.client.host if connection.client else "",
        cookie=cookie.of(connection),
        language=preferred(headers.get("accept-language")),
        consistency_tokens=tuple(token.strip() for token in tokens.split(",") if token.strip()),
        last_event_id=headers.get("last-event-id"),
        wants_price=headers.get("x-graphql-cost") == "1",
    )


def _whole(answer: Answer, accepted: Accepted) -> Response:
    """As JSON, also for whoever accepts streams alone: no stream begins where nothing is executed."""
    return reply(answer, accepted.best((MediaType.JSON, MediaType.GRAPHQL)) or MediaType.JSON)


def _what_to_accept(operation: Operation) -> str:
    if operation.type is OperationType.SUBSCRIPTION:
        return "A subscription is answered as a stream: accept text/event-stream."
    return f"Accept one of {', '.join(FOR_ONE_ANSWER)}."
