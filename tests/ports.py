"""Free ports for test stacks."""

import os
import random
import socket

from compose.topology import Ports

NEEDED = 9
LOWEST, HIGHEST = 20000, 32000
"""Below where the kernel takes the ports of outgoing connections from."""


def free_base() -> int:
    """The first of nine free ports in a row, drawn by chance: others may be looking at the same time."""
    draw = random.Random(os.urandom(8))  # noqa: S311 - no secret, and no seed a test may have set
    while True:
        base = draw.randrange(LOWEST, HIGHEST, NEEDED)
        if all(_is_free(port) for port in range(base, base + NEEDED)):
            return base


def free_ports() -> Ports:
    """Free ports for a whole stack."""
    return Ports.counting_from(free_base())


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
