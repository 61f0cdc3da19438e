"""The floor: a `find` with Motor, and orjson, on Starlette and uvicorn; no GraphQL, no token."""

import os
from typing import Any

import orjson
from motor.motor_asyncio import AsyncIOMotorClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bff.together import NEWEST_FIRST, WITHOUT_FACTS

client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(os.environ["MONGO_URL"], tz_aware=True)
orders = client[os.environ["DATABASE"]]["orders"]


async def page(request: Request) -> Response:
    """A customer's newest orders."""
    orjson.loads(await request.body())
    mine = {"customer_id": request.headers["x-customer"]}
    found = await orders.find(mine, WITHOUT_FACTS).sort(NEWEST_FIRST).limit(21).to_list(21)
    return Response(orjson.dumps(found), media_type="application/json")


app = Starlette(routes=[Route("/graphql", page, methods=["POST"])])
