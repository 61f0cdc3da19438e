from collections.abc import AsyncIterator

import pytest

from compose.ops import audit, feeds
from tests.compose.ops.saying import Saying, on_a_socket_of_their_own


@pytest.fixture
async def saying() -> AsyncIterator[Saying]:
    """All four services."""
    async with on_a_socket_of_their_own() as saying:
        yield saying


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again without waiting."""
    monkeypatch.setattr(audit, "LOOKS", (0, 0, 0))
    monkeypatch.setattr(feeds, "PAUSES", (0, 0))
