"""RabbitMQ: a user for each part, and the exchanges and queues that `schema.channels` names."""

from http import HTTPStatus

import aio_pika
import aiohttp

from compose.preparing.told import Account, NotOurSecretsError, PrepareSettings
from services.chassis import topology

ADMIN = "admin"
ALL = {"configure": ".*", "write": ".*", "read": ".*"}


class RefusedError(Exception):
    """RabbitMQ's management did not do as it was told."""


async def set_up(settings: PrepareSettings, accounts: list[Account]) -> None:
    """Make what is missing, and let the passwords be as told. Raises ClientError, RefusedError, AMQPError."""
    password = settings.rabbitmq_admin_password.get_secret_value()
    async with aiohttp.ClientSession(
        settings.rabbitmq_admin_url,
        auth=aiohttp.BasicAuth(ADMIN, password),
        timeout=aiohttp.ClientTimeout(total=10),
    ) as management:
        for account in accounts:
            user = {"password": account.password, "tags": ""}
            await _put(management, f"/api/users/{account.name}", user)
            await _put(management, f"/api/permissions/%2F/{account.name}", ALL)
    connection = await aio_pika.connect(settings.rabbitmq_url(accounts[0].part), timeout=10)
    async with connection:
        await topology.declare(await connection.channel())


async def _put(management: aiohttp.ClientSession, path: str, body: dict[str, str]) -> None:
    async with management.put(path, json=body) as response:
        if response.status == HTTPStatus.UNAUTHORIZED:
            raise NotOurSecretsError("rabbitmq_admin_password")
        if response.status not in {HTTPStatus.CREATED, HTTPStatus.NO_CONTENT}:
            raise RefusedError(f"{response.status} {(await response.text())[:200]}")
