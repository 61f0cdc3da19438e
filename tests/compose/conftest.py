"""What comes when, and where no engine is."""

import pytest

from tests.compose.containers.engine import why_not

LAST = ("/compose/containers/", "/compose/swarm/")
"""The swarm comes last of all: leaving it takes the names from all other containers of the engine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Containers come last, and are skipped where there is no engine, in a sentence."""
    items.sort(key=_place)
    if reason := why_not():
        for item in items:
            if _place(item):
                item.add_marker(pytest.mark.skip(reason=reason))


def _place(item: pytest.Item) -> int:
    return next((place for place, part in enumerate(LAST, 1) if part in str(item.path)), 0)
