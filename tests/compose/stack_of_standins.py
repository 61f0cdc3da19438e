"""Run as a program: `fruitstore up`, with small stand-ins for the parts and without servers."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from compose.directory import Secrets
from compose.program import Program
from compose.screen import Screen
from compose.topology import Ports, Topology
from compose.trouble import Trouble, trouble_in_a_sentence
from compose.up import up
from tests.compose.standins import standin

PARTS = ("bff", "order")


class Standins(Topology):
    """A stack of two."""

    def wanted_ports(self) -> dict[str, int]:
        return {name: asdict(self.ports)[name] for name in PARTS}

    def programs(self, secrets: Secrets) -> tuple[Program, ...]:
        assert secrets.jwt
        assert secrets.service
        return tuple(standin(name, port) for name, port in self.wanted_ports().items())


async def no_pages(say: Callable[[str], None]) -> None:
    """Where they cannot be built."""
    say("Building the pages…")
    raise Trouble("There are no pages: get Node.")


async def endless_pages(say: Callable[[str], None]) -> None:
    """While they are being built."""
    say("Building the pages…")
    await asyncio.Event().wait()


PAGES = {"--no-pages": no_pages, "--endless-pages": endless_pages}

if __name__ == "__main__":
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup may have switched it off for the tests
    with trouble_in_a_sentence():
        topology = Standins(Path(sys.argv[1]), Ports.counting_from(int(sys.argv[2])), os.environ)
        pages = next((build for option, build in PAGES.items() if option in sys.argv), None)
        up(topology, fresh="--fresh" in sys.argv, screen=Screen(), pages=pages)
