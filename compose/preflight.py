"""What is checked before anything is started, so that what is wrong is said in one sentence."""

import asyncio
import re
import shutil
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from compose.trouble import Trouble

NEEDED_MIB = 512
"""Free disk space a stack wants at least: MongoDB's and RabbitMQ's journals, and some room to work."""

REACH = 5.0
"""Seconds that a server of the user's may take to answer."""

LINGER = 1.0
"""Seconds that a stack killed a moment ago may take to let go of its ports."""


def enough_space(directory: Path) -> None:
    """Trouble unless there is room for the journals."""
    free = shutil.disk_usage(directory).free // 2**20
    if free < NEEDED_MIB:
        raise Trouble(
            f"There are only {free} MiB free in {directory}, and a stack needs {NEEDED_MIB}: "
            "make room, or choose another folder with --directory."
        )


def free_ports(wanted: Mapping[str, int]) -> None:
    """Trouble unless every port exists, is given to one program only, and is free."""
    owners: dict[int, str] = {}
    deadline = time.monotonic() + LINGER
    for name, port in wanted.items():
        if not 0 < port < 65536:
            raise Trouble(
                f"There is no port {port}, and {name} needs one: choose others with {_option(name)}."
            )
        if port in owners:
            raise Trouble(
                f"Port {port} is for both {owners[port]} and {name}: change it with {_option(name)}."
            )
        owners[port] = name
        while not _is_free(port):
            if time.monotonic() > deadline:
                raise Trouble(_taken(name, port))
            time.sleep(0.05)


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _taken(name: str, port: int) -> str:
    return (
        f"Port {port} is taken{_by_whom(port)}, and {name} needs it: stop what uses it, or choose another "
        f"port with {_option(name)}."
    )


def _by_whom(port: int) -> str:
    """Who listens there, as far as we may know."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return ""


def _option(name: str) -> str:
    return {"mongod": "--mongo-port or --port", "rabbitmq": "--rabbitmq-port or --port"}.get(name, "--port")


async def reachable(environment: Mapping[str, str]) -> None:
    """Trouble unless the servers that the user's environment names, if any, let us in."""
    if mongo := environment.get("MONGO_URL"):
        await _reached("MONGO_URL", mongo, _ping_mongod)
    if broker := environment.get("RABBITMQ_URL"):
        await _reached("RABBITMQ_URL", broker, _open_and_close)


async def _reached(variable: str, url: str, call: Callable[[str], Awaitable[None]]) -> None:
    try:
        async with asyncio.timeout(REACH):
            await call(url)
    except Exception as error:  # noqa: BLE001 - drivers raise much, and all of it means the same here
        why = str(error).splitlines()[0][:160] if str(error) else f"no answer within {REACH:g} s"
        raise Trouble(
            f"{variable} is set, but {_without_password(url)} cannot be used ({why}): "
            "start that server, or unset the variable to have one started here."
        ) from None


async def _ping_mongod(url: str) -> None:
    from pymongo import AsyncMongoClient

    async with AsyncMongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=REACH * 900) as client:
        await client.admin.command("ping")


async def _open_and_close(url: str) -> None:
    import aio_pika

    await (await aio_pika.connect(url)).close()


def _without_password(url: str) -> str:
    return re.sub(r"//[^@/]*@", "//", url)
