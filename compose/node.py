"""Node, on which the clients run that the tests are driven by; nothing else needs it."""

import re
import shutil
import subprocess

OLDEST = 18
"""The major version that the clients run on at least."""


def runs() -> bool:
    """Whether there is a Node that is recent enough."""
    if not (node := shutil.which("node")):
        return False
    said = subprocess.run((node, "--version"), capture_output=True, text=True, check=False).stdout  # noqa: S603
    match = re.match(r"v(\d+)\.", said)
    return match is not None and int(match[1]) >= OLDEST


def installs() -> bool:
    """Whether there is an npm."""
    return shutil.which("npm") is not None
