"""Made-up documents and values, executed by graphql-core and by plans: whatever differs is printed.

.venv/bin/python -m tests.bff.compiled --examples 10000
"""

import argparse
import asyncio
import sys
import time
import warnings
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from tests.bff.compiled.differing import Pair
from tests.bff.compiled.documents import Asked, documents
from tests.bff.compiled.world import values

SAID_EVERY_SECONDS = 10.0


def main() -> None:
    """Read the command line, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--examples", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--seed", type=int, default=1, help="where chance begins (1)")
    wanted = parser.parse_args()
    warnings.simplefilter("ignore", RuntimeWarning)  # what nobody waits for where there is an error already
    pair, seen, said = Pair.of(), Counter[str](), [time.monotonic()]

    @seeded(wanted.seed)
    @settings(
        max_examples=wanted.examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(asked=documents(pair.ordinary._schema), value=values())
    def compare(asked: Asked, value: dict[str, Any]) -> None:
        if not pair.is_valid(asked):
            seen["not valid"] += 1
            return
        differences = asyncio.run(pair.differences(asked, value))
        seen["different" if differences else "the same"] += 1
        if differences:
            _say(f"{asked}\n{value}\n" + "\n".join(differences))
        if time.monotonic() - said[0] > SAID_EVERY_SECONDS:
            said[0] = time.monotonic()
            _say(_figures(seen, pair))

    compare()
    _say(_figures(seen, pair))
    sys.exit(1 if seen["different"] else 0)


def _figures(seen: Counter[str], pair: Pair) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in seen.most_common())
    return f"{kinds}; plans completed {pair.plans.completed} values and declined {pair.plans.declined}"


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 # a command


if __name__ == "__main__":
    main()
