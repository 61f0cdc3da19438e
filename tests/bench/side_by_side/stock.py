"""Stock Strawberry with its caches, as its users would run it, on the gateway's types and resolvers."""

import os
from types import SimpleNamespace
from typing import Any, cast

import strawberry
from joserfc import jwt
from joserfc.jwk import OctKey
from motor.motor_asyncio import AsyncIOMotorClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from bff.caller import Caller
from bff.graph.context import Context, Services
from bff.graph.my_orders import OrderConnection, connection
from bff.graph.root import Mutation, Query
from bff.mypage import MyPage

client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(os.environ["MONGO_URL"], tz_aware=True)
key = OctKey.import_key(os.environ["SECRET"])
mypage = MyPage(client[os.environ["DATABASE"]]["orders"])
services = cast("Services", SimpleNamespace(mypage=mypage, consistency=None))


@strawberry.type(name="Query")
class Objects(Query):
    """A page as objects: only the gateway's own executor reads it where it is kept."""

    @strawberry.field
    async def my_orders(self, info: strawberry.Info[Context], first: int = 20) -> OrderConnection:
        page = await info.context.services.mypage.newest(info.context.customer, first)
        return connection(page, frozenset(), None, further=False).made()


class Endpoint(GraphQL[Any, Any]):
    """Who asks is read from the token."""

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Any:  # noqa: ARG002 # Strawberry's
        """What resolvers ask for."""
        token = request.headers["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(token, key).claims
        caller = Caller(claims["sub"], float(claims["exp"]))
        return Context(services=services, language="KO", caller=caller, correlation_id="")


schema = strawberry.Schema(query=Objects, mutation=Mutation, extensions=[ParserCache, ValidationCache])
app = Starlette(routes=[Route("/graphql", Endpoint(schema))])
