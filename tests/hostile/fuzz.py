"""Operations made up from the schema, sent to a real gateway, signed in: what comes back must be an answer.

    .venv/bin/python -m tests.hostile.fuzz --help

Runs a mongod, a RabbitMQ, the services and the gateway of its own, on loopback, and prints what it saw.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationType, build_schema
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis_graphql import nodes
from hypothesis_graphql import strategies as graphql_strategies
from rich.console import Console

from compose.servers import running as running_servers
from tests.bff.asking import SECRET
from tests.hostile.attacks import PROPER
from tests.hostile.forged import signed
from tests.hostile.leaks import leaked, leaked_to_log
from tests.hostile.target import MARK, Target, running
from tests.hostile.variations import Varied, varied
from tests.hostile.wire import exchange
from tests.ports import free_ports

SDL = Path(__file__).parents[2] / "schema" / "exported" / "schema.graphql"
LONGEST_SECONDS = 5.0
CUSTOMERS = 20
STREAM = "text/event-stream"


@dataclass
class Seen:
    """What came back, and what of it nobody expected."""

    answers: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)

    @property
    def examples(self) -> int:
        """How many operations were sent."""
        return sum(self.answers.values())


def operations(schema: GraphQLSchema, orders: list[str]) -> st.SearchStrategy[Varied]:
    """Queries, mutations and subscriptions of this schema; a few of them wrong in one place."""
    scalars = {"DateTime": st.datetimes().map(lambda moment: nodes.String(moment.isoformat()))}
    as_query = build_schema(SDL.read_text())
    as_query.query_type, as_query.mutation_type = schema.subscription_type, None
    how: dict[str, Any] = {"custom_scalars": scalars, "print_ast": lambda document: document}
    right = graphql_strategies.from_schema(schema, **how)
    wrong = graphql_strategies.from_schema(schema, mode=graphql_strategies.Mode.NEGATIVE, **how)
    watching = graphql_strategies.queries(as_query, **how).map(_as_subscription)
    return st.one_of(right, right, wrong, watching).flatmap(lambda each: varied(schema, each, orders))


def _as_subscription(document: DocumentNode) -> DocumentNode:
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    first = replace(operation.selection_set, selections=operation.selection_set.selections[:1])
    whole = replace(operation, operation=OperationType.SUBSCRIPTION, selection_set=first)
    return replace(document, definitions=(whole,))


class Fuzz:
    """Sends operations, and judges what comes back."""

    def __init__(self, target: Target, tell: Callable[[Seen], None] = lambda _: None) -> None:
        self._target = target
        self._tell = tell
        self._tokens = [signed(SECRET, sub=f"fuzzer-{number}") for number in range(CUSTOMERS)]
        self.seen = Seen()

    async def send(self, each: Varied) -> None:
        """Send one, over SSE where it is a subscription."""
        began = time.monotonic()
        complaint = await self._complaint(each)
        if (took := time.monotonic() - began) > LONGEST_SECONDS:
            complaint = complaint or f"took {took:.1f} s"
        if complaint:
            self.seen.unexpected.append(f"{complaint}\n  of {json.dumps(each.__dict__)}")
        self._tell(self.seen)

    async def _complaint(self, each: Varied) -> str | None:
        status, said = await self._answer(each)
        self.seen.answers[_kind(status, said)] += 1
        if status >= 500 or status == 0:
            return f"status {status}: {said[:300]}"
        errors = [error for part in _parts(said) for error in part.get("errors", [])]
        codes = {error.get("extensions", {}).get("code") for error in errors}
        if not codes <= PROPER:
            return f"codes {codes}: {said[:300]}"
        found = leaked(said, each.query + json.dumps(each.variables, ensure_ascii=False))
        return f"leaks {found}" if found or MARK in said else None

    async def _answer(self, each: Varied) -> tuple[int, str]:
        token = self._tokens[self.seen.examples % CUSTOMERS]
        accept = STREAM if each.query.startswith("subscription") else "application/graphql-response+json"
        body = json.dumps(each.__dict__).encode()
        head = (
            f"POST /graphql HTTP/1.1\r\nhost: {self._target.address}\r\nauthorization: Bearer {token}\r\n"
            f"content-type: application/json\r\naccept: {accept}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(3 * LONGEST_SECONDS):
                (reply,) = await exchange(self._target.port, [head.encode() + body], listened=0.05)
        except TimeoutError:
            return 0, "no answer"
        return reply.status, reply.body.decode()


def _parts(said: str) -> list[Any]:
    """The answers in a body: one, or those of a stream."""
    if said.startswith("{"):
        return [json.loads(said)]
    whole, _, _ = said.rpartition("\n\n")
    lines = (line.removeprefix("data:").strip() for line in whole.split("\n") if line.startswith("data:"))
    return [json.loads(line) for line in lines if line.startswith("{")]


def _kind(status: int, said: str) -> str:
    answers = _parts(said) if status else []
    errors = [error for each in answers for error in each.get("errors", [])]
    codes = sorted({str(error.get("extensions", {}).get("code")) for error in errors})
    return f"{status} {' '.join(codes) or 'data'}"


def fuzz(
    send: Callable[[Varied], Any],
    orders: list[str],
    examples: int,
    seed: int,
    loop: asyncio.AbstractEventLoop,
) -> None:
    """Make up so many operations, and have each sent in the loop of another thread."""
    strategy = operations(build_schema(SDL.read_text()), orders)

    @seeded(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def one(each: Varied) -> None:
        asyncio.run_coroutine_threadsafe(send(each), loop).result()

    one()


async def fuzzed(
    target: Target, examples: int, seed: int, tell: Callable[[Seen], None] = lambda _: None
) -> Seen:
    """Send so many operations to a gateway; what came back."""
    await target.placed("customer-2", address=MARK)
    orders = [await target.placed(f"fuzzer-{number % CUSTOMERS}") for number in range(CUSTOMERS)]
    sending = Fuzz(target, tell)
    await asyncio.to_thread(fuzz, sending.send, orders, examples, seed, asyncio.get_running_loop())
    return sending.seen


async def measure(examples: int, seed: int) -> bool:
    """Fuzz a gateway of its own, and print the figures; whether nothing was unexpected."""
    console = Console()

    def tell(seen: Seen) -> None:
        if seen.examples % 500 == 0:
            console.print(f"{seen.examples} of {examples}, {len(seen.unexpected)} unexpected")

    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "gateway.log"
        async with (
            running_servers(Path(folder), free_ports()) as servers,
            running(servers.mongo_url, servers.rabbitmq_url, "fuzz", log) as target,
        ):
            seen = await fuzzed(target, examples, seed, tell)
        logged = leaked_to_log(log.read_text())
    for each in [*seen.unexpected[:20], *logged[:20]]:
        console.print(each, markup=False)
    for kind, count in seen.answers.most_common():
        console.print(f"{count:6} {kind}")
    console.print(f"{seen.examples} examples, seed {seed}: {len(seen.unexpected)} unexpected")
    return not seen.unexpected and not logged


def main() -> None:
    """Read the command line; exit status 1 where something was unexpected."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--examples", type=int, default=5000, help="how many operations (5000)")
    parser.add_argument("--seed", type=int, default=1, help="what to make them up from (1)")
    said = parser.parse_args()
    sys.exit(0 if asyncio.run(measure(min(said.examples, 100_000), said.seed)) else 1)


if __name__ == "__main__":
    main()
