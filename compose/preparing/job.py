"""The set-up job: checks settings, sets servers up, lays indexes; each time with the same result."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pymongo.errors
from aio_pika.exceptions import AMQPError
from pydantic import ValidationError
from starlette.applications import Starlette

from bff.settings import BffSettings
from compose.preparing import broker, database
from compose.preparing.told import PARTS, Account, NotOurSecretsError, PrepareSettings
from compose.trouble import Trouble
from services.chassis.settings import ProcessSettings
from services.delivery import app as delivery
from services.delivery.settings import DeliverySettings
from services.mypage import app as mypage
from services.mypage.settings import MypageSettings
from services.order import app as order
from services.order.settings import OrderSettings
from services.payment import app as payment
from services.payment.settings import PaymentSettings

Say = Callable[[str], None]
Build = Callable[[Any], Starlette]

KINDS: dict[str, type[ProcessSettings]] = {
    "order": OrderSettings,
    "payment": PaymentSettings,
    "delivery": DeliverySettings,
    "mypage": MypageSettings,
    "bff": BffSettings,
}
APPS: dict[str, Build] = {
    "order": order.build,
    "payment": payment.build,
    "delivery": delivery.build,
    "mypage": mypage.build,
}
AWAY = (pymongo.errors.PyMongoError, aiohttp.ClientError, AMQPError, OSError, broker.RefusedError)
AGAIN_AFTER_SECONDS = 0.5


async def prepare(say: Say) -> None:
    """Do it all. Raises Trouble, in a sentence, where something is wrong or does not come up in time."""
    settings = _settings()
    told = {part: _told(part, settings) for part in PARTS}
    say("The settings of all parts make sense.")
    until = time.monotonic() + settings.prepare_seconds
    accounts = [_account(part, settings.mongo_url(part)) for part in PARTS]
    await _tried("MongoDB", until, lambda: database.set_up(settings, accounts))
    say(f"MongoDB: a replica set, and users for {', '.join(PARTS)}.")
    accounts = [_account(part, settings.rabbitmq_url(part)) for part in PARTS]
    await _tried("RabbitMQ", until, lambda: broker.set_up(settings, accounts))
    say("RabbitMQ: users, exchanges and queues.")
    for part, build in APPS.items():
        for step in build(told[part]).state.prepare:
            await _tried(f"MongoDB for {part}", until, step)
    say("Indexes. Everything is set up.")


def _settings() -> PrepareSettings:
    try:
        return PrepareSettings()
    except ValidationError as error:
        raise Trouble(_in_a_sentence("the set-up job", error)) from None


def _told(part: str, settings: PrepareSettings) -> ProcessSettings:
    """What a part will be told, as far as that is the same for all."""
    urls: dict[str, Any] = {
        "mongo_url": settings.mongo_url(part),
        "rabbitmq_url": settings.rabbitmq_url(part),
    }
    try:
        return KINDS[part](**urls)
    except ValidationError as error:
        raise Trouble(_in_a_sentence(part, error)) from None


def _in_a_sentence(whom: str, error: ValidationError) -> str:
    wrong = [f"{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()]
    return f"the settings of {whom} are wrong: {'; '.join(wrong)}. Secrets are made by compose/secrets.sh."


def _account(part: str, url: str) -> Account:
    try:
        return Account.of(part, url)
    except ValueError as error:
        raise Trouble(f"{error}: give it one like those that compose/secrets.sh makes.") from None


async def _tried(what: str, until: float, work: Callable[[], Awaitable[None]]) -> None:
    """Try until it works, which a server that comes up lets us do sooner or later."""
    while True:
        try:
            return await work()
        except NotOurSecretsError as error:
            raise Trouble(
                f"{what} lets nobody in with our {error}: its data were made with other secrets. "
                "Bring those back, or remove the data (docker compose down --volumes)."
            ) from None
        except AWAY as error:
            if time.monotonic() > until:
                raise Trouble(f"{what} cannot be set up: {type(error).__name__}: {error}") from None
        await asyncio.sleep(AGAIN_AFTER_SECONDS)
