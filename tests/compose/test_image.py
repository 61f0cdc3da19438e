"""The image has all that its commands are made of."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LISTED = """import sys, compose.cli
print(*(name for name in sys.modules if name.startswith("compose.")))"""


def test_every_module_of_the_command_line_is_in_the_image() -> None:
    ignore = (ROOT / "compose" / "Dockerfile.dockerignore").read_text().splitlines()
    kept = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    names = subprocess.run(  # noqa: S603 # our own
        [sys.executable, "-c", LISTED], capture_output=True, text=True, check=True, cwd=ROOT
    )
    folders = {name.split(".")[1] for name in names.stdout.split()}
    packages = {name for name in folders if (ROOT / "compose" / name).is_dir()}
    assert packages
    assert {f"compose/{name}" for name in packages} <= kept
    assert "compose/*.py" in kept
