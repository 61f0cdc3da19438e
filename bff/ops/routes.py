"""The operators' routes."""

from collections.abc import Awaitable
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bff.caller import Caller
from bff.ops import desk
from bff.ops.desk import Desk
from bff.ops.guard import Endpoint, Operators, for_operators
from bff.ops.sandbox import Levers, Sandbox
from bff.ops.sharing import Shared
from bff.ops.state import State
from services.chassis import http
from services.chassis.dead_letters import BrokerAwayError, NobodyThereError, SomebodyElseError
from services.chassis.letter import Letter
from services.chassis.logs import logger

log = logger(__name__)

BODY_BYTES = 4096
FRESH_SECONDS = 0.9
"""A page that looks once a second finds something new each time."""

FIRST, FIRST_AT_MOST = 50, 200


class Redrive(BaseModel):
    """`{"id": …}` or `{"all": true}`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    everything: bool = Field(default=False, alias="all")

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if (self.id is None) is not self.everything:
            raise ValueError("say which")
        return self


class Ops:
    """What operators see and do."""

    def __init__(self, operators: Operators, state: State, letters: Desk, sandbox: Sandbox) -> None:
        self._operators = operators
        self._state = state
        self._seen = Shared(state.seen, FRESH_SECONDS)
        self._desk = letters
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            self._route("/ops/state", "GET", self.state),
            self._route("/ops/dead-letters", "GET", self.letters),
            self._route("/ops/dead-letters/redrive", "POST", self.redrive),
            self._route("/ops/sandbox", "GET", self.levers),
            self._route("/ops/sandbox", "PUT", self.pull),
        ]

    async def close(self) -> None:
        """Close what was opened to ask."""
        await self._state.close()
        await self._sandbox.close()

    async def state(self, _: Request, __: Caller) -> Response:
        """One snapshot; all who look within a second get the same."""
        return JSONResponse(await self._seen())

    async def letters(self, request: Request, _: Caller) -> Response:
        """Dead letters: `?first=50` of each hearer, the oldest; 400, 409, 503."""
        first = _first(request)
        found = await _at_the_desk(self._desk.letters(first))
        return JSONResponse({"letters": [desk.shown(letter) for letter in found]})

    async def redrive(self, request: Request, operator: Caller) -> Response:
        """Send one or all again; how many were: 400, 409, 503. One that is not there any more is none."""
        wanted = Redrive.model_validate_json(await http.read(request, BODY_BYTES))
        log.warning("dead letters to be sent again", by=operator.customer_id, which=wanted.id or "all")
        sent = await _at_the_desk(self._desk.redrive(wanted.id))
        log.warning("dead letters sent again", by=operator.customer_id, letters=len(sent))
        return JSONResponse({"redriven": len(sent)})

    async def levers(self, _: Request, __: Caller) -> Response:
        """How payment's sandbox behaves: 200, 404 where there is none, 503."""
        return await self._sandbox.levers()

    async def pull(self, request: Request, operator: Caller) -> Response:
        """Make it behave so; as payment says: 200, 404, 422, 503."""
        levers = Levers.model_validate_json(await http.read(request, BODY_BYTES))
        response = await self._sandbox.levers(levers)
        said = {"levers": levers.root, "status": response.status_code}
        log.warning("sandbox levers pulled", by=operator.customer_id, **said)
        return response

    def _route(self, path: str, method: str, endpoint: Endpoint) -> Route:
        return Route(path, for_operators(self._operators, endpoint), methods=[method])


def _first(request: Request) -> int:
    """How many to show. Raises HTTPException (400)."""
    said = request.query_params.get("first", str(FIRST))
    first = int(said) if said.isascii() and said.isdigit() and len(said) <= len(str(FIRST_AT_MOST)) else 0
    if not 1 <= first <= FIRST_AT_MOST:
        raise HTTPException(400, f"`first` is a number from 1 to {FIRST_AT_MOST}.")
    return first


async def _at_the_desk(asked: Awaitable[list[Letter]]) -> list[Letter]:
    """Raises HTTPException: 409 where it cannot be now, 503 where the broker does not answer."""
    try:
        return await asked
    except SomebodyElseError:
        said = "Somebody else is at the dead letters: try again in a moment."
        raise HTTPException(409, said) from None
    except NobodyThereError as error:
        said = f"There is no queue {error.queue} to send to: start {error.hearer}, and try again."
        raise HTTPException(409, said) from None
    except (BrokerAwayError, TimeoutError) as error:
        log.warning("dead letters out of reach", error=f"{type(error).__name__}: {error}")
        said = "The broker does not answer: try again. No letter is lost."
        raise HTTPException(503, said, {"retry-after": "1"}) from None
