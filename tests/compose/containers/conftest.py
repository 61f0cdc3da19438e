"""One system in containers for all tests that leave it as they found it."""

import os
from collections.abc import AsyncIterator

import pytest

from tests.compose.containers.engine import why_not
from tests.compose.containers.stack import Stack, built, running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Containers come last, and are skipped where there is no engine, in a sentence.

    The swarm comes last of all: leaving it takes the names from all other containers of the engine.
    """
    items.sort(key=lambda item: ("containers/test_" in str(item.path), "test_swarm" in str(item.path)))
    if reason := why_not():
        for item in items:
            if "tests/compose/containers/" in str(item.path):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A system of what is checked out; whoever breaks something mends it."""
    await built()
    async with running(f"fruitstore-test-{os.getpid()}", tmp_path_factory.mktemp("secrets")) as stack:
        yield stack
