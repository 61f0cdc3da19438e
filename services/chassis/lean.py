"""Takes libraries in without what they would bring along for nobody: imported before any of them is.

What is left out can be imported by others afterwards; what libraries derive from stand-ins (Motor's GridFS,
prometheus_client's server) is no good, and nobody's. `python -m tests.bench.startup` measures.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Where the body imports one of these, it is not there; unless somebody has taken it in before."""
    hidden = [name for name in names if name not in sys.modules]
    absent: dict[str, Any] = dict.fromkeys(hidden)
    sys.modules.update(absent)
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def postponed(*names: str) -> Iterator[None]:
    """Where the body imports one of these, it gets stand-ins; unless somebody has taken it in before."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update({name: _StandIns(name) for name in absent})
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


class _StandIns(ModuleType):
    """Has whatever it is asked for: whoever calls that takes the true module in, and calls what is there."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(_: type, *args: Any, **kwargs: Any) -> Any:
            return getattr(import_module(self.__name__), name)(*args, **kwargs)

        return type(name, (), {"__new__": call, **MOTOR_LOOKS_FOR})


def _nothing(*_: object) -> None:
    """What somebody derives from a stand-in, and does not use."""


MOTOR_LOOKS_FOR = {"__motor_class_name__": "StandIn", "__delegate_class__": object}


@contextmanager
def _replaced(name: str, **has: Any) -> Iterator[None]:
    """Where the body imports this one, it has these and nothing else; unless it was taken in before."""
    if name in sys.modules:
        yield
        return
    instead = ModuleType(name)
    vars(instead).update(has)
    sys.modules[name] = instead
    try:
        yield
    finally:
        del sys.modules[name]


@contextmanager
def _without_command_line(package: str) -> Iterator[None]:
    """Where the body imports the package, `main` has what `server` has, and nothing else."""
    module = f"{package}.main"
    if module in sys.modules:
        yield
        return
    instead: Any = ModuleType(module)
    instead.__getattr__ = lambda name: getattr(import_module(f"{package}.server"), name, None)
    sys.modules[module] = instead
    try:
        yield
    finally:
        del sys.modules[module]


with (
    _without("pymongo.pyopenssl_context"),  # in vain: it needs PyOpenSSL, but takes in all of cryptography
    postponed("pymongo.asynchronous.mongo_client"),  # Motor's is the other one
):
    import pymongo as pymongo

os.environ.setdefault("MOTOR_MAX_WORKERS", "4")  # threads, of which each keeps memory of its own

with (
    _replaced("multiprocessing", cpu_count=os.cpu_count),  # starts processes; asked for the number of cores
    postponed("motor.motor_gridfs"),  # keeps files, by either client
):
    from motor import motor_asyncio as motor_asyncio

# metrics are told by our own server, and pushed nowhere
with postponed("http.server", "urllib.request", "wsgiref.simple_server"):
    import prometheus_client as prometheus_client

with (
    _without("rich", "greenlet"),  # tracebacks in colours: ours are text
    postponed("pickle"),  # copies of loggers
):
    import structlog as structlog

with (
    _without_command_line("uvicorn"),  # takes in click, and what starts other processes
    postponed("logging.config"),  # how logs are written: we say it ourselves
):
    import uvicorn as uvicorn

with postponed("html"):  # pages of errors: ours are JSON
    from starlette.middleware import errors as errors

with postponed("zoneinfo"):  # names of time zones: our moments are UTC
    from pydantic import main as main

with postponed("aio_pika.patterns"):  # a kind of calls that we do not make
    import aio_pika as aio_pika

with (
    _replaced("multiprocessing", allow_connection_pickling=_nothing, get_context=_nothing),  # for its workers
    postponed("unittest.mock", "faststream.rabbit.testing", "faststream._internal.testing.app"),
    postponed("http.server"),  # which would serve its pages
):
    from faststream import rabbit as rabbit
