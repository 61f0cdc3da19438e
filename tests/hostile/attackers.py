"""Attackers: the corpus over and over, from a few connections, and a crowd that is slow on purpose."""

import argparse
import asyncio
import contextlib
import json
import os
import random
import time
from collections import Counter

from tests.hostile.attacking import attack
from tests.hostile.attacks import Scene, request
from tests.hostile.corpus import CORPUS
from tests.hostile.wire import connected

SLOW = 40
"""How many connections say a byte a second."""


class Attackers:
    """As many at once as are asked for; each waits a little after each attack. `made` counts them."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self._scene = scene
        self._draw = random.Random(seed)  # noqa: S311 # it need not be secret
        self.made = 0
        self.complaints: Counter[str] = Counter()

    async def go_on(self, seconds: float, at_once: int, pause: float) -> None:
        """Attack for so long."""
        everybody = [self._attacks(pause) for _ in range(at_once)]
        slow = [self._is_slow(number % 2 == 0) for number in range(SLOW)]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*everybody, *slow)

    async def _attacks(self, pause: float) -> None:
        while True:
            complaints = await attack(self._draw.choice(CORPUS), self._scene)
            self.complaints.update(complaints)
            self.made += 1
            await asyncio.sleep(pause)

    async def _is_slow(self, in_the_head: bool) -> None:  # noqa: FBT001
        """A byte a second, in the head or in the body, and again when it is hung up on."""
        whole = self._scene.filled(request(b'{"query": "{ __typename }"}' + b" " * 600))
        at_once = 20 if in_the_head else whole.index(b"\r\n\r\n") + 4
        while True:
            with contextlib.suppress(OSError):
                async with connected(self._scene.port) as (_, writer):
                    writer.write(whole[:at_once])
                    for byte in whole[at_once:]:
                        await asyncio.sleep(1)
                        writer.write(bytes([byte]))
                        await writer.drain()


def main() -> None:
    """Read the command line and, from the environment, what is filled in; the count goes to stdout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--pause", type=float, default=0.05)
    said = parser.parse_args()
    os.nice(19)  # what is measured is what they cost the gateway, not what they cost the machine
    places = {name.encode(): value.encode() for name, value in json.loads(os.environ["PLACES"]).items()}
    attackers = Attackers(Scene(said.port, places, counted=True), said.seed)
    began = time.monotonic()
    asyncio.run(attackers.go_on(said.seconds, said.at_once, said.pause))
    cpu = time.process_time() / (time.monotonic() - began)
    result = {
        "cpu": cpu,
        "made": attackers.made,
        "seconds": time.monotonic() - began,
        "complaints": attackers.complaints,
    }
    print(json.dumps(result))  # noqa: T201


if __name__ == "__main__":
    main()
