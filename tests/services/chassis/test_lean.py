"""A process takes in no more than it uses: each of these is mebibytes, and a share of the start."""

import os
import subprocess
import sys

import pytest

from compose.topology import MODULES

NOT_TAKEN_IN = {
    "opentelemetry.sdk": "makes spans, which are wanted where OTLP_ENDPOINT is set",
    "requests": "sends them",
    "google.protobuf": "writes them",
    "rich": "is for the command line",
    "watchfiles": "watches for changes of code",
    "click": "is for uvicorn's command line",
    "greenlet": "is not for asyncio",
    "pymongo.asynchronous.mongo_client": "is the client that Motor does not go by",
    "gridfs": "keeps files in MongoDB",
    "unittest": "is for tests",
    "urllib.request": "would send metrics to a gateway of theirs",
    "wsgiref": "would serve them",
    "html": "is for pages of errors",
    "multiprocessing": "starts processes",
    "pickle": "copies objects from one to another",
    "logging.config": "says how logs are written",
    "zoneinfo": "knows time zones by name",
    "dateutil.parser": "reads moments, which no operation is given",
    "cryptography": "is for keys that an issuer publishes, where AUTH_JWKS_URL is set",
}
NOT_BY_SERVICES = {"graphql": "is the gateway's", "websockets": "is for who subscribes"}


@pytest.mark.parametrize("part", MODULES)
def test_nothing_is_taken_in_for_nobody(part: str) -> None:
    names = NOT_TAKEN_IN | ({} if part == "bff" else NOT_BY_SERVICES)
    say = f"import sys, {MODULES[part]}; print([name for name in {list(names)} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "say",
    [
        "import services.chassis, rich.console, watchfiles, typer, uvicorn.main as m; m.run.__call__",
        "import services.chassis, gridfs, unittest.mock as m; assert m.MagicMock().any.thing",
        "import services; from faststream.rabbit import *; TestRabbitBroker(RabbitBroker()).__aenter__",
        "import services.chassis, pymongo; assert pymongo.AsyncMongoClient(connect=False).admin is not None",
        "import bff.graph; from dateutil import parser; parser.isoparse('2026-11-30')",
        "import services, multiprocessing as m; assert m.get_context('spawn').cpu_count()",
        "import services, logging.config as c; c.dictConfig({'version': 1})",
        "import services, pickle; from zoneinfo import ZoneInfo; pickle.dumps(ZoneInfo('Asia/Seoul'))",
        "import services; from aio_pika.patterns import RPC; assert RPC.create",
    ],
)
def test_what_was_left_out_can_be_had_afterwards(say: str) -> None:
    assert subprocess.run([sys.executable, "-c", say], check=True).returncode == 0  # noqa: S603 - our own


@pytest.mark.parametrize(("says", "threads"), [({}, 4), ({"MOTOR_MAX_WORKERS": "7"}, 7)])
def test_four_threads_ask_mongodb_unless_it_is_said_otherwise(says: dict[str, str], threads: int) -> None:
    others = {name: value for name, value in os.environ.items() if name != "MOTOR_MAX_WORKERS"}
    say = "import services; from motor.frameworks import asyncio; print(asyncio.max_workers)"
    command = [sys.executable, "-c", say]
    said = subprocess.run(command, env=others | says, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert int(said.stdout) == threads
