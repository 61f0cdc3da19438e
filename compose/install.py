"""Getting what is needed from the system's packages, without a broker of the system's starting up."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from compose import chromium, mongod, node, promtool, rabbitmq
from compose.trouble import Trouble

NEEDS = {
    "mongod": ("libcurl4", mongod.runs),
    "rabbitmq": ("rabbitmq-server", rabbitmq.find),
    "node": ("nodejs", node.runs),
    "npm": ("npm", node.installs),
    "chromium": ("chromium", chromium.find),
    "korean": ("fonts-nanum", chromium.reads_korean),
    "promtool": ("prometheus", promtool.find),
}
"""The package that each of these needs, and how to tell whether it has it."""

FOR_TESTS = frozenset({"nodejs", "npm", "chromium", "fonts-nanum", "prometheus"})
"""Packages without which everything runs but the tests."""

POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = "#!/bin/sh\n# fruitstore: no service is started while rabbitmq-server is installed\nexit 101\n"
LOCK = Path("/run/lock/fruitstore-install")
SYSTEMD = Path("/run/systemd/system")
APT = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3")
INSTALL = ("apt-get", "install", "--no-install-recommends")
NOBODY_ASKED_FOR = {
    "rabbitmq-server": ("rabbitmq-server.service", "epmd.service", "epmd.socket"),
    "prometheus": ("prometheus.service",),
}
"""What the packages would have the machine run."""

Say = Callable[[str], None]


def have(servers: Iterable[str], say: Say) -> None:
    """See to it that these servers can run, installing what is missing; `say` hears how that goes.

    Raises Trouble where it cannot be installed.
    """
    servers = list(servers)
    if not (packages := _missing(servers)):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Trouble(_by_hand(packages))
    with _alone(), _cleaning_up_when_told_to_end():
        if packages := _missing(servers):
            _install(packages, say)
    if packages := _missing(servers):
        raise Trouble(f"{' and '.join(packages)} got installed, but what it is for does not run even so.")


def have_if_possible(servers: Iterable[str], say: Say) -> None:
    """The same of what can be done without: `say` hears why, and what is left out then."""
    try:
        have(servers, say)
    except Trouble as trouble:
        say(f"{trouble} Until then the tests that need it are left out.")


def _missing(servers: Iterable[str]) -> list[str]:
    """The packages without which one of these servers cannot run."""
    return [package for name, (package, is_there) in NEEDS.items() if name in servers and not is_there()]


def _by_hand(packages: list[str]) -> str:
    elsewhere = ", or set MONGO_URL and RABBITMQ_URL to servers that are running"
    return (
        f"{' and '.join(packages)} must be installed on this system, and only root on Debian or Ubuntu can "
        f"have that done from here: run `sudo {' '.join((*INSTALL, *packages))}`"
        f"{'' if FOR_TESTS.issuperset(packages) else elsewhere}."
    )


def _install(packages: list[str], say: Say) -> None:
    """Install packages. Lists that could not be brought up to date are no reason not to try."""
    say(f"Installing {' and '.join(packages)} from the system's packages (once)…")
    with _no_service_starting():
        complaints = _run((*APT, "update"), say)
        failed = _run((*APT, *INSTALL[1:], "-y", *packages), say)
    if failed:
        raise Trouble(f"{' and '.join(packages)} could not be installed: {'; '.join(complaints + failed)}")
    _keep_theirs_off(packages)


def _run(command: tuple[str, ...], say: Say) -> list[str]:
    """Run apt-get, passing on what it is busy with; returns what it complained of if it failed."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    complaints = []
    with subprocess.Popen(  # noqa: S603 - the commands are made above
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    ) as apt:
        for line in apt.stdout or ():
            if line.startswith("E:"):
                complaints.append(line.strip())
            elif line.startswith(("Get:", "Unpacking", "Setting up")):
                say(f"  {line.strip()}")
    return (complaints or [f"{' '.join(command)}: exit {apt.returncode}"]) if apt.returncode else []


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other stack on this machine is installing."""
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _no_service_starting() -> Iterator[None]:
    """Tell Debian's packages to start nothing; leaves a policy that the machine has already as it is."""
    if POLICY.exists() and POLICY.read_text() != POLICY_TEXT:
        yield
        return
    POLICY.write_text(POLICY_TEXT)
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def _keep_theirs_off(packages: Iterable[str]) -> None:
    """Where systemd runs, do not let what was just installed start with the machine: nobody asked for it."""
    if SYSTEMD.exists() and shutil.which("systemctl"):
        for unit in (unit for package in packages for unit in NOBODY_ASKED_FOR.get(package, ())):
            command = ("systemctl", "disable", "--now", unit)
            subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - units of our own list


@contextlib.contextmanager
def _cleaning_up_when_told_to_end() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an exit that still undoes what is temporary."""

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
