"""A test that hangs fails, and says where each task waits: otherwise nothing would be heard of the rest."""

import asyncio
from collections.abc import Generator

import pytest

from services.chassis.background import where

LOOP = pytest.StashKey[asyncio.AbstractEventLoop]()


@pytest.fixture(scope="session", autouse=True)
async def _known_loop(request: pytest.FixtureRequest) -> None:
    request.config.stash[LOOP] = asyncio.get_running_loop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what every task was doing when pytest-timeout gave the test up."""
    report = yield
    loop = item.config.stash.get(LOOP, None)
    if loop and call.excinfo and "Timeout (" in str(call.excinfo.value):
        waiting = [f"{each.get_name()}: {where(each)}" for each in asyncio.all_tasks(loop)]
        report.sections.append(("tasks that had not ended", "\n".join(waiting)))
    return report
