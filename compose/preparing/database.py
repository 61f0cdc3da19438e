"""MongoDB: one replica set, an administrator, and a user for each part that may do what that part does."""

from typing import Any

import pymongo
import pymongo.errors
from motor.motor_asyncio import AsyncIOMotorClient

from compose.preparing.told import Account, NotOurSecretsError, PrepareSettings
from services.chassis.mongo import Client

ADMIN = "admin"
NOT_ALLOWED, NOT_LET_IN, ALREADY_INITIALIZED, USER_EXISTS = 13, 18, 23, 51003
"""Codes of MongoDB's errors."""

READS_TOO = {"bff": ("mypage",)}
"""Whose databases a part reads besides its own."""


def connected(settings: PrepareSettings, *, signed_in: bool) -> Client:
    """A client of the administrator's, or of nobody's."""
    login: dict[str, Any] = {}
    if signed_in:
        password = settings.mongo_admin_password.get_secret_value()
        login = {"username": ADMIN, "password": password, "authSource": "admin"}
    return AsyncIOMotorClient(settings.mongo_admin_url, timeoutMS=5000, **login)


async def set_up(settings: PrepareSettings, accounts: list[Account]) -> None:
    """Make what is missing, and let the passwords be as told.

    Raises NotOurSecretsError, and PyMongoError also while it comes up.
    """
    if not await _knows_us(settings):
        await _first(settings)
    client = connected(settings, signed_in=True)
    try:
        await _initiate(client, settings)
        for account in accounts:
            await _user(client, account, _roles(account.part, settings.mongo_database_prefix))
    finally:
        client.close()


async def _knows_us(settings: PrepareSettings) -> bool:
    """Whether there is an administrator with our password. Raises PyMongoError if it cannot be asked."""
    client = connected(settings, signed_in=True)
    try:
        await client.admin.command("connectionStatus")
    except pymongo.errors.OperationFailure as error:
        if error.code != NOT_LET_IN:
            raise
        return False
    finally:
        client.close()
    return True


async def _first(settings: PrepareSettings) -> None:
    """Over its socket, a mongod without any user lets whoever comes make the first one."""
    client = connected(settings, signed_in=False)
    try:
        await _initiate(client, settings)
        password = settings.mongo_admin_password.get_secret_value()
        await client.admin.command("createUser", ADMIN, pwd=password, roles=["root"])
    except pymongo.errors.OperationFailure as error:
        if error.code == NOT_ALLOWED:
            raise NotOurSecretsError("mongo_admin_password") from error
        raise
    finally:
        client.close()


async def _initiate(client: Client, settings: PrepareSettings) -> None:
    """Begin the replica set, unless it has begun. Raises NotPrimaryError until it has elected."""
    members = [{"_id": 0, "host": settings.mongo_member}]
    try:
        await client.admin.command("replSetInitiate", {"_id": "fruitstore", "members": members})
    except pymongo.errors.OperationFailure as error:
        if error.code not in {ALREADY_INITIALIZED, NOT_ALLOWED}:
            raise
    said = await client.admin.command("hello")
    if not said.get("isWritablePrimary"):
        raise pymongo.errors.NotPrimaryError("the replica set has not elected yet")


async def _user(client: Client, account: Account, roles: list[dict[str, str]]) -> None:
    told: dict[str, Any] = {"pwd": account.password, "roles": roles}
    try:
        await client.admin.command("createUser", account.name, **told)
    except pymongo.errors.OperationFailure as error:
        if error.code != USER_EXISTS:
            raise
        await client.admin.command("updateUser", account.name, **told)


def _roles(part: str, prefix: str) -> list[dict[str, str]]:
    own = {"role": "readWrite", "db": f"{prefix}_{part}"}
    return [own, *({"role": "read", "db": f"{prefix}_{other}"} for other in READS_TOO.get(part, ()))]
