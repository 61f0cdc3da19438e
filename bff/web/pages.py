"""The front door: where to go from here."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

WELCOME = """Fruitstore

GraphQL        POST /graphql  (subscriptions: graphql-transport-ws and text/event-stream, same address)
Ready?         GET /readyz
Metrics        GET /metrics
First steps    README.md, "A five-minute tour"
"""


def front_door() -> Route:
    """GET /."""

    def welcome(_: Request) -> PlainTextResponse:
        return PlainTextResponse(WELCOME)

    return Route("/", welcome)
