"""The directory a stack lives in: its data, its logs, its secrets, and a lock that keeps others out."""

import contextlib
import fcntl
import json
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compose.trouble import Trouble

MARKER_TEXT = "What a Fruitstore stack keeps between runs. Delete it whenever no stack is running in it.\n"
CHOOSE = "choose another folder with --directory"


JWT_FILE, SERVICE_FILE = "jwt-secret", "service-secret"
"""Each holds a secret."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What customers' tokens are signed with, and what services know one another by."""

    jwt: str = field(repr=False)
    service: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory that is ours to use. Get one from `claimed`."""

    path: Path

    @property
    def logs(self) -> Path:
        """Where each program's log goes, as NAME.log."""
        return self.path / "logs"

    @property
    def marker(self) -> Path:
        """The file by which we know our own directories."""
        return self.path / "fruitstore.txt"

    @property
    def state(self) -> Path:
        """What runs here, for other commands: see compose/state.py."""
        return self.path / "stack.json"

    def secrets(self) -> Secrets:
        """The secrets, made once; only their owner can read them."""
        return Secrets(_made_once(self.path / JWT_FILE), _made_once(self.path / SERVICE_FILE))

    def forget(self) -> None:
        """Delete what earlier runs left; only what we made."""
        for name in ("mongo", "rabbitmq", "logs"):
            if (self.path / name).exists():
                shutil.rmtree(self.path / name)
        for file in (self.path / JWT_FILE, self.path / SERVICE_FILE, self.state):
            file.unlink(missing_ok=True)

    def prepare(self) -> None:
        """Make what is missing, put the logs of the last run aside (NAME.log.1), drop a stale state."""
        self.logs.mkdir(exist_ok=True)
        for log in self.logs.glob("*.log"):
            log.replace(log.with_suffix(".log.1"))
        self.state.unlink(missing_ok=True)


@contextlib.contextmanager
def claimed(path: Path, *, fresh: bool = False) -> Iterator[Directory]:
    """The directory, made if need be, ours alone until the end of the block.

    Raises Trouble if it is in use, cannot be written to, or holds what is not ours.
    """
    directory = Directory(path.absolute())
    try:
        _adopt(directory)
        lock = (directory.path / "lock").open("w")
    except OSError as error:
        raise Trouble(f"Cannot write to {directory.path} ({error.strerror}): {CHOOSE}.") from error
    with lock:
        _lock(lock.fileno(), directory)
        try:
            if fresh:
                directory.forget()
            directory.prepare()
        except OSError as error:
            raise Trouble(f"Cannot clear up {directory.path} ({error.strerror}): {CHOOSE}.") from error
        yield directory


def _made_once(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text()


def _adopt(directory: Directory) -> None:
    directory.path.mkdir(parents=True, exist_ok=True)
    if directory.marker.exists():
        return
    if any(directory.path.iterdir()):
        raise Trouble(f"{directory.path} is not empty, and no stack made it: {CHOOSE}.")
    directory.marker.write_text(MARKER_TEXT)


def _lock(lock: int, directory: Directory) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Trouble(
            f"A stack is running in {directory.path} already{_who(directory)}: stop it first, or {CHOOSE}."
        ) from None


def _who(directory: Directory) -> str:
    with contextlib.suppress(OSError, ValueError, KeyError):
        state: dict[str, Any] = json.loads(directory.state.read_text())
        return f" (process {state['supervisor_pid']})"
    return ""
