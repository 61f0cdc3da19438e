"""Small programs that stand in for the parts of a stack, and eyes for what becomes of processes."""

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import psutil

from compose import probes
from compose.program import Probe, Program
from compose.supervisor import Supervisor

ANSWERS = """
import http.server, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + ANSWERS
FAREWELL = """
import pathlib, signal
def end(*_):
    with pathlib.Path({path!r}).open("a") as farewells:
        farewells.write({name!r} + " ")
    raise SystemExit
signal.signal(signal.SIGTERM, end)
"""
HANGS = """
import http.server, sys, time
class Hangs(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/healthz":
            time.sleep(3600)
        self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Hangs).serve_forever()
"""
HOPELESS = "raise SystemExit('the cat ate the settings')"


def says_farewell(path: Path, name: str) -> str:
    """A stand-in that, told to stop, writes its name there."""
    return FAREWELL.format(path=str(path), name=name) + ANSWERS


def standin(
    name: str,
    port: int,
    does: str = ANSWERS,
    *,
    tier: int = 0,
    grace: float = 10,
    after: tuple[str, ...] = (),
    alive: Probe | None = None,
) -> Program:
    return Program(
        name=name,
        command=(sys.executable, "-I", "-S", "-c", does, str(port)),
        environment={"PATH": "/usr/bin:/bin"},
        directory=Path("/"),
        port=port,
        url=f"http://127.0.0.1:{port}",
        ready=partial(probes.answers_http, port),
        tier=tier,
        grace=grace,
        after=after,
        alive=alive,
    )


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def died(self, program: Program, how: str, delay: float) -> None:
        self.lines.append(f"{program.name} died ({how}), back in {delay:g} s")

    def became_ready(self, program: Program, restarts: int) -> None:
        self.lines.append(f"{program.name} is {'back' if restarts else 'ready'}")


def pid_of(supervisor: Supervisor, name: str) -> int:
    child = supervisor.keepers[name].child
    assert child
    return child.pid


def family(pid: int) -> list[psutil.Process]:
    """A process and everything it started."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def started_since(before: Sequence[psutil.Process]) -> list[psutil.Process]:
    """What this process has started since; others' servers may have been running before."""
    return [process for process in family(os.getpid())[1:] if process not in before]


def are_gone(processes: Sequence[psutil.Process]) -> bool:
    """Whether none of them runs any more (one that nobody has buried yet does not run)."""
    return not any(process.is_running() and _status(process) != psutil.STATUS_ZOMBIE for process in processes)


def _status(process: psutil.Process) -> str:
    try:
        return process.status()
    except psutil.NoSuchProcess:
        return psutil.STATUS_ZOMBIE
