"""Whether a customer notices that the gateway is attacked: quiet and hostile rounds in turn, side by side.

    .venv/bin/python -m tests.hostile --help

Runs a mongod, a RabbitMQ, the services and the gateway of its own, on loopback, with the limits that it has
in production. Attackers and the customer are processes of their own. Exit status 1 where the customer's 99th
percentile is more than twice that of the quiet rounds, or an answer was not as it should be.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from compose.servers import running as running_servers
from tests.bff.asking import SECRET
from tests.hostile.forged import signed
from tests.hostile.leaks import leaked_to_log
from tests.hostile.target import Target, running
from tests.ports import free_ports

ROUND_SECONDS = 8.0
AT_MOST = 2.0
AS_IN_PRODUCTION = {
    "BFF_RATES": "true",
    "BFF_FRAMES_PER_SECOND": "100",
    "BFF_BODY_SECONDS": "10",
}
"""The limits as they come."""

BUYERS = [f"buyer-{number}" for number in range(4)]
READERS = [f"reader-{number}" for number in range(16)]

CONSOLE = Console()


async def run(module: str, environment: dict[str, str], *arguments: object) -> Any:
    """Run one of the two sides; what it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"tests.hostile.{module}", *map(str, arguments)),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, f"{module} ended with {process.returncode}"
    return json.loads(said)


async def round_of(
    target: Target, seconds: float, seed: int, places: str, *, hostile: bool
) -> tuple[Any, Any]:
    """One round: what the customer saw, and what the attackers did."""
    where = ("--port", target.port, "--seconds")
    buyers, readers = ([signed(SECRET, sub=name) for name in names] for names in (BUYERS, READERS))
    seeing = run("bystander", {}, *where, seconds, "--buyers", *buyers, "--readers", *readers)
    if not hostile:
        return await seeing, None
    attacking = run("attackers", {"PLACES": places}, *where, seconds + 1, "--seed", seed)
    seen, made = await asyncio.gather(seeing, attacking)
    return seen, made


def percentile(times: list[float], share: float) -> float:
    """In milliseconds."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


async def rounds(target: Target, seconds: float, seed: int) -> bool:
    """Quiet and hostile rounds in turn; print the figures; whether they are good enough."""
    scene = await target.scene()
    for customer in READERS:
        await target.placed(customer)
    places = json.dumps({name.decode(): value.decode() for name, value in scene.places.items()})
    seen: dict[bool, list[Any]] = {False: [], True: []}
    made: list[Any] = []
    await round_of(target, 2, seed, places, hostile=False)
    for number in range(2 * max(2, round(seconds / ROUND_SECONDS / 2))):
        hostile = number % 2 == 1
        saw, did = await round_of(target, ROUND_SECONDS, seed + number, places, hostile=hostile)
        seen[hostile].append(saw)
        made += [did] if did else []
    good = show(seen)
    complaints: Counter[str] = sum((Counter(did["complaints"]) for did in made), Counter())
    for complaint, count in complaints.most_common(20):
        CONSOLE.print(f"{count} × {complaint}", markup=False)
    attacks = sum(did["made"] for did in made)
    cpu = statistics.mean(did["cpu"] for did in made)
    CONSOLE.print(
        f"{attacks} attacks (seed {seed}, {cpu:.0%} of a core at the lowest priority);"
        f" {sum(complaints.values())} answers not as they should be"
    )
    return good and not complaints


def show(seen: dict[bool, list[Any]]) -> bool:
    """Print the customer's times; whether they are good enough."""
    table = Table("", "rounds", "calls", "p50 ms", "p99 ms", "failures")
    good, ratios = True, []
    for failure in [one for each in (*seen[False], *seen[True]) for one in each["failures"]][:5]:
        CONSOLE.print(failure, markup=False)
    for what in ("myOrders", "placeOrder", "orderStatus"):
        times = {hostile: [each["took"][what] for each in seen[hostile]] for hostile in (False, True)}
        flat = {hostile: [one for each in times[hostile] for one in each] for hostile in (False, True)}
        for hostile in (False, True):
            failures = [one for each in seen[hostile] for one in each["failures"] if one.startswith(what)]
            figures = (f"{percentile(flat[hostile], share):.1f}" for share in (0.5, 0.99))
            calls = str(len(flat[hostile]))
            table.add_row(what, "hostile" if hostile else "quiet", calls, *figures, str(len(failures)))
            good = good and not failures
        ratio = percentile(flat[True], 0.99) / percentile(flat[False], 0.99)
        pairs = zip(times[False], times[True], strict=True)
        each = statistics.median(percentile(loud, 0.99) / percentile(quiet, 0.99) for quiet, loud in pairs)
        ratios.append(f"{what}: {ratio:.2f} (median of the pairs of rounds {each:.2f})")
        good = good and ratio <= AT_MOST
    CONSOLE.print(table, f"p99 hostile to quiet, at most {AT_MOST:.0f}:", *ratios, sep="\n")
    return good


async def measure(seconds: float, seed: int) -> bool:
    """Attack a gateway of its own."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "gateway.log"
        async with (
            running_servers(Path(folder), free_ports()) as servers,
            running(servers.mongo_url, servers.rabbitmq_url, "siege", log, AS_IN_PRODUCTION) as target,
        ):
            good = await rounds(target, seconds, seed)
        logged = leaked_to_log(log.read_text())
    for line in logged[:20]:
        CONSOLE.print(line, markup=False)
    return good and not logged


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120, help="for how long, in all (120)")
    parser.add_argument("--seed", type=int, default=1, help="which attacks come when (1)")
    said = parser.parse_args()
    sys.exit(0 if asyncio.run(measure(min(said.seconds, 3600), said.seed)) else 1)


if __name__ == "__main__":
    main()
