"""The pages, built; once per content of what they are made of."""

import fcntl
import hashlib
import subprocess
from pathlib import Path

from compose import node
from compose.trouble import Trouble

HERE = Path(__file__).parent.parent.parent / "bff" / "web"
STAMP = HERE / "dist" / ".built"
STEPS = (("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"), ("npm", "run", "build"))


def build() -> None:
    """Have them built where they are not. Raises Trouble with a sentence where that cannot be."""
    if not (node.runs() and node.installs()):
        raise Trouble(
            "There is no Node.js here to build the pages with: run `fruitstore install --for-tests`."
        )
    with (HERE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if STAMP.exists() and STAMP.read_text() == _fingerprint():
            return
        for step in STEPS[(HERE / "node_modules").exists() :]:
            done = subprocess.run(step, cwd=HERE, capture_output=True, text=True, check=False)  # noqa: S603
            assert done.returncode == 0, done.stdout + done.stderr
        STAMP.write_text(_fingerprint())


def _fingerprint() -> str:
    digest = hashlib.sha256()
    schema = HERE.parent.parent / "schema"
    sources = [
        *(HERE / "src").rglob("*"),
        *HERE.glob("*.*"),
        *schema.glob("operations/*"),
        *schema.glob("exported/*"),
    ]
    for path in sorted(each for each in sources if each.is_file() and "gql" not in each.parts):
        digest.update(f"{path}\n".encode() + path.read_bytes())
    return digest.hexdigest()
