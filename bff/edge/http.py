"""GraphQL over HTTP: one request, one answer, or a stream of them.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

from collections.abc import Mapping

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bff.auth import Authenticator, NotAuthenticatedError
from bff.edge import json, streams
from bff.edge.asked import Asked
from bff.edge.client import Client
from bff.edge.documents import RefusedError
from bff.edge.gate import Answer, Gate, Operation
from bff.edge.lives import Lives
from bff.graph.codes import MEANING, Code
from bff.graph.context import Context
from bff.graph.errors import CodedError, bad_request
from bff.graph.texts import preferred
from services.chassis.http import MAX_BODY_BYTES

WITHOUT_STREAM = frozenset({OperationType.QUERY, OperationType.MUTATION})
JSON_TYPE = "application/json"
STREAM_TYPE = "text/event-stream"


class HttpEndpoint:
    """/graphql, asked by HTTP."""

    def __init__(self, gate: Gate, lives: Lives, authenticator: Authenticator) -> None:
        self._gate = gate
        self._lives = lives
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        client = client_of(request.headers, request.client.host if request.client else "")
        context = self._gate.context(client)
        try:
            response = await self._response(request, client, context)
        except RefusedError as error:
            response = _answered(self._gate.refusal(context, error.errors))
        except CodedError as error:
            response = _answered(self._gate.refusal(context, [error]))
        response.headers["x-request-id"] = context.correlation_id
        await response(scope, receive, send)

    async def _response(self, request: Request, client: Client, context: Context) -> Response:
        await self._identify(request, client)
        context.caller = client.caller
        if request.method != "POST":
            raise CodedError(Code.METHOD_NOT_ALLOWED, "Only POST is answered here.")
        asked = Asked.of(await _fields(request))
        streamed = request.headers.get("accept", "").partition(",")[0].strip() == STREAM_TYPE
        if streamed:
            return self._streamed(self._gate.admit(asked, context), client)
        return _answered(await self._gate.answer(self._gate.admit(asked, context, WITHOUT_STREAM)))

    async def _identify(self, request: Request, client: Client) -> None:
        header = request.headers.get("authorization")
        if header is not None:
            self._gate.rates.sign_in(client.address)
        try:
            client.caller = await self._authenticator.from_header(header)
        except NotAuthenticatedError as error:
            self._gate.rates.failed(client.address)
            raise CodedError(Code.UNAUTHENTICATED) from error

    def _streamed(self, operation: Operation, client: Client) -> Response:
        return streams.events(self._gate, operation, self._lives, client.caller)


async def _fields(request: Request) -> object:
    """The parameters in a request's body. Raises a CodedError."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON_TYPE:
        raise CodedError(Code.UNSUPPORTED_MEDIA_TYPE, "Send application/json.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise CodedError(Code.BODY_TOO_LARGE, f"A request has at most {MAX_BODY_BYTES} bytes.")
    try:
        return json.read(bytes(body))
    except json.NotJsonError:
        raise bad_request("The body is not JSON.") from None


def client_of(headers: Mapping[str, str], address: str) -> Client:
    """Who is at the other end, as far as its headers say."""
    tokens = headers.get("x-consistency-token", "")
    return Client(
        address=address,
        language=preferred(headers.get("accept-language")),
        consistency_tokens=tuple(token.strip() for token in tokens.split(",") if token.strip()),
        last_event_id=headers.get("last-event-id"),
        wants_price=headers.get("x-graphql-cost") == "1",
    )


def _answered(answer: Answer) -> Response:
    status = 200
    if not answer.executed:
        code = Code(answer.body["errors"][0]["extensions"]["code"])
        status = MEANING[code].status
    response = Response(json.written(answer.body), status_code=status, media_type=JSON_TYPE)
    if status == MEANING[Code.UNAUTHENTICATED].status:
        response.headers["www-authenticate"] = 'Bearer error="invalid_token"'
    return response
