"""One gateway for all that is hostile, and what it looked like before."""

from collections.abc import AsyncIterator

import pytest

from compose.servers import Servers
from tests.hostile.attacks import Scene
from tests.hostile.looking import Look, look
from tests.hostile.target import Target, running
from tests.vhosts import Vhosts


@pytest.fixture(scope="session")
async def target(
    servers: Servers, vhosts: Vhosts, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Target]:
    """What is attacked."""
    log = tmp_path_factory.mktemp("hostile") / "gateway.log"
    async with running(servers.mongo_url, await vhosts.fresh(), "hostile", log) as target:
        yield target


@pytest.fixture(scope="session")
async def before(target: Target) -> Look:
    """What could be seen of it before anything hostile came."""
    await target.placed("customer-1")
    return await look(target)


@pytest.fixture(scope="session")
async def scene(target: Target, before: Look) -> Scene:
    """Where it stands."""
    del before
    return await target.scene()
