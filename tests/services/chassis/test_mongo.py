"""What counts as the database being away, and how it is told over HTTP."""

import httpx2
import pymongo.errors
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.chassis import http, mongo


def _bulk(*codes: int, concern: int | None = None) -> pymongo.errors.BulkWriteError:
    concerns = [] if concern is None else [{"code": concern, "errmsg": "…"}]
    errors = [{"code": code, "errmsg": "…"} for code in codes]
    return pymongo.errors.BulkWriteError({"writeErrors": errors, "writeConcernErrors": concerns})


def _labelled() -> pymongo.errors.PyMongoError:
    return pymongo.errors.OperationFailure("later", 999999, {"errorLabels": ["RetryableWriteError"]})


AWAY = {
    "no server": pymongo.errors.ServerSelectionTimeoutError("no server"),
    "the connection was lost": pymongo.errors.AutoReconnect("gone"),
    "out of disk space": pymongo.errors.OperationFailure("no space left on device", 14031),
    "out of disk space, in a write": pymongo.errors.WriteError("no space left on device", 14031),
    "out of disk space, in many writes": _bulk(11000, 14031),
    "a majority that did not confirm many writes": _bulk(concern=64),
    "shutting down": pymongo.errors.OperationFailure("shutting down", 91),
    "interrupted at shutdown": pymongo.errors.OperationFailure("interrupted", 11600),
    "stepped down": pymongo.errors.OperationFailure("not primary", 10107),
    "writes are blocked": pymongo.errors.WriteError("user writes blocked", 371),
    "a collection renamed under a read": pymongo.errors.OperationFailure("plan killed", 175),
    "a cursor that a restart took": pymongo.errors.CursorNotFound("cursor not found", 43),
    "out of time": pymongo.errors.ExecutionTimeout("too late", 50),
    "a write conflict": pymongo.errors.OperationFailure("write conflict", 112),
    "what calls itself worth another try": _labelled(),
}
NOT_AWAY = {
    "a duplicate": pymongo.errors.DuplicateKeyError("duplicate", 11000),
    "a duplicate among many": _bulk(11000),
    "a document too large": pymongo.errors.WriteError("too large", 10334),
    "a command that makes no sense": pymongo.errors.OperationFailure("bad value", 2),
    "an error without a code": pymongo.errors.OperationFailure("…"),
    "a bug": ZeroDivisionError(),
    "a bug in using the driver": pymongo.errors.InvalidOperation("closed"),
}


@pytest.mark.parametrize("error", AWAY.values(), ids=AWAY)
def test_what_the_server_cannot_do_now_is_its_being_away(error: Exception) -> None:
    assert mongo.is_away(error)


@pytest.mark.parametrize("error", NOT_AWAY.values(), ids=NOT_AWAY)
def test_what_is_wrong_with_what_was_asked_is_not(error: Exception) -> None:
    assert not mongo.is_away(error)


@pytest.mark.parametrize("error", AWAY.values(), ids=AWAY)
async def test_whoever_asked_hears_that_it_is_not_known_whether_it_was_done(error: Exception) -> None:
    assert (await _asked(error)).status_code == 504


async def test_a_bug_is_a_bug() -> None:
    assert (await _asked(pymongo.errors.OperationFailure("bad value", 2))).status_code == 500


async def _asked(error: Exception) -> httpx2.Response:
    async def fails(_: Request) -> Response:
        raise error

    app = Starlette(routes=[Route("/", fails)], exception_handlers=http.EXCEPTION_HANDLERS)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:
        return await client.get("/")
