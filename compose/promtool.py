"""Prometheus and its tool, by which the alert rules are tested."""

import shutil


def find() -> str | None:
    """The tool on PATH; the server comes with it."""
    return shutil.which("promtool")
