"""Gateways for clients that run on Node."""

import pytest

from tests.bff.conftest import kept, lives, open_gateway
from tests.clients.node import install_clients

__all__ = ["kept", "lives", "open_gateway"]


@pytest.fixture(scope="session", autouse=True)
def _clients() -> None:
    """The clients are installed before the first script runs."""
    install_clients()
