"""One system in containers for all tests that leave it as they found it."""

import os
from collections.abc import AsyncIterator

import pytest

from tests.compose.containers.stack import Stack, built, running


@pytest.fixture(scope="package")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A system of what is checked out; whoever breaks something mends it.

    It ends with the tests of this folder: beside another system, a machine is too busy to tell anything.
    """
    await built()
    async with running(f"fruitstore-test-{os.getpid()}", tmp_path_factory.mktemp("secrets")) as stack:
        yield stack
