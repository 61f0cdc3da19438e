"""One system for all sieges, which counts how often somebody comes, as it does by itself."""

from collections.abc import AsyncIterator

import pytest

from tests.compose.ops.conftest import at_once, saying
from tests.stories.stack import Stack, running

__all__ = ["at_once", "saying"]


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The running system."""
    directory = tmp_path_factory.mktemp("siege") / "stack"
    async with running(directory, {"BFF_RATES": "true", "BFF_PAYMENT_DEADLINE_MS": "5000"}) as running_stack:
        yield running_stack
