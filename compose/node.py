"""Node, by which the pages are built, and on which the clients run that tests are driven by."""

import re
import shutil
import subprocess

OLDEST = (18, 0)
"""The version that the clients run on at least."""


def runs(oldest: tuple[int, int] = OLDEST) -> bool:
    """Whether there is a Node that is recent enough."""
    if not (node := shutil.which("node")):
        return False
    said = subprocess.run((node, "--version"), capture_output=True, text=True, check=False).stdout  # noqa: S603
    match = re.match(r"v(\d+)\.(\d+)\.", said)
    return match is not None and (int(match[1]), int(match[2])) >= oldest


def installs() -> bool:
    """Whether there is an npm."""
    return shutil.which("npm") is not None
