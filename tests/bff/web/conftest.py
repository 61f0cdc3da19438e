"""Gateways that serve a tiny build."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from compose.servers import Servers
from tests.bff.asking import Gateway
from tests.bff.conftest import gateway_of
from tests.bff.web.building import build
from tests.conftest import NOWHERE, Place


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build."""
    return build(tmp_path_factory.mktemp("web") / "dist")


@pytest.fixture(scope="package")
async def web(servers: Servers, built: Path) -> AsyncIterator[Gateway]:
    """A gateway that serves it, with GraphiQL."""
    place = Place(servers.mongo_url, f"amqp://guest:guest@{NOWHERE}/", "web")
    origins = ("https://shop.example",)
    async with gateway_of(place, bff_pages=built, bff_ide=True, bff_allowed_origins=origins) as gateway:
        yield gateway
