"""One system for all drills, one after another; each has customers of its own, and leaves the system well."""

import os
import random
from collections.abc import AsyncIterator

import pytest

from tests.drills.system import System, running


@pytest.fixture(scope="package")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """The running system."""
    async with running(tmp_path_factory.mktemp("drills")) as system:
        yield system


@pytest.fixture
def seed() -> int:
    """What a drill's chances are drawn from: DRILLS_SEED, or another each time; shown where a drill fails."""
    seed = int(os.environ.get("DRILLS_SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"DRILLS_SEED={seed}")  # noqa: T201 # shown with a test that fails
    return seed
