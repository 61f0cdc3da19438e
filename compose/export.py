"""Writes the language down: SDL, AsyncAPI, JSON Schema and trusted documents, from what speaks it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from faststream.specification import AsyncAPI
from pydantic import BaseModel, SecretStr, TypeAdapter
from starlette.applications import Starlette

import bff.app
import services.delivery.app
import services.mypage.app
import services.order.app
import services.payment.app
from bff.graph import root
from bff.settings import BffSettings
from compose import operations
from schema import requests, views
from schema.events import Event
from services.delivery.settings import DeliverySettings
from services.mypage.settings import MypageSettings
from services.order.settings import OrderSettings
from services.payment.settings import PaymentSettings

DIRECTORY = Path(__file__).parent.parent / "schema" / "exported"
BROKER = "amqp://rabbitmq:5672/"
VERSION = "1.0.0"


def documents() -> Iterator[tuple[str, str]]:
    """File names and texts, the same for the same code wherever it runs."""
    yield "schema.graphql", root.schema().as_str() + "\n"
    for name, app in built().items():
        yield f"{name}.asyncapi.yaml", _asyncapi(name, app)
    yield "events.schema.json", _json(TypeAdapter(Event).json_schema())
    yield "requests.schema.json", _json(_messages(requests))
    yield "views.schema.json", _json(views.OrderView.model_json_schema(mode="serialization"))
    found = operations.operations()
    yield "trusted-documents.json", _json(operations.of_code_generator(found))
    yield "trusted-documents.apollo.json", _json(operations.of_apollo(found))


def write(directory: Path = DIRECTORY) -> list[str]:
    """Write what has changed; the names of what was written."""
    directory.mkdir(parents=True, exist_ok=True)
    changed = drift(directory)
    texts = dict(documents())
    for name in changed:
        (directory / name).write_text(texts[name], encoding="utf-8")
    return changed


def drift(directory: Path = DIRECTORY) -> list[str]:
    """The names of files that do not say what the code says."""
    return [
        name
        for name, text in documents()
        if not (directory / name).exists() or (directory / name).read_text(encoding="utf-8") != text
    ]


def built() -> dict[str, Starlette]:
    """All parts by name, put together as they are run; nothing is opened."""
    secret = SecretStr("-" * 32)
    gateway: dict[str, Any] = {"auth_jwt_secret": secret, "bff_replica": "REPLICA"}
    others: dict[str, Any] = {"rabbitmq_url": BROKER, "service_secret": secret}
    return {
        "order": services.order.app.build(OrderSettings(**others)),
        "payment": services.payment.app.build(PaymentSettings(**others)),
        "delivery": services.delivery.app.build(DeliverySettings(**others)),
        "mypage": services.mypage.app.build(MypageSettings(**others)),
        "bff": bff.app.build(BffSettings(**others, **gateway)),
    }


def _asyncapi(name: str, app: Starlette) -> str:
    bus = app.state.bus
    specification = AsyncAPI(
        bus.incoming, bus.outgoing, title=f"Fruitstore: {name}", version=VERSION
    ).to_specification()
    content = json.loads(specification.to_json())
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=True)


def _messages(module: Any) -> dict[str, Any]:
    """The JSON Schemas of a module's public models, by name."""
    kinds = {
        name: kind
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == module.__name__
    }
    return {name: kind.model_json_schema() for name, kind in kinds.items() if not name.startswith("_")}


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
