"""A system in containers of its own under load, for longer than in the test suite, and its figures.

    .venv/bin/python -m tests.compose.containers.siege redeploy --users 100 --subscriptions 200
    .venv/bin/python -m tests.compose.containers.siege load --users 100 --seconds 90

redeploy: all parts are replaced in turn, start-first, under load. load: with a provider that takes 400 to
620 ms, then with one that has room for two charges at once. Exit status 1 where an answer was not a good one,
an order was lost, or a subscription was away for longer than three seconds.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.compose.containers.crowd import Crowd, crowd
from tests.compose.containers.engine import why_not
from tests.compose.containers.levers import payment_takes
from tests.compose.containers.redeploying import another_image, begun
from tests.compose.containers.stack import Stack, built, running
from tests.compose.containers.test_load import SLOW
from tests.compose.containers.test_redeploy import RESUMED_WITHIN_SECONDS

SAID_EVERY_SECONDS = 10.0


def say(text: object) -> None:
    """A line of progress."""
    print(time.strftime("%H:%M:%S"), text, flush=True)  # noqa: T201 # a command


async def said_meanwhile(they: Crowd) -> None:
    """How it goes, again and again."""
    while True:
        await asyncio.sleep(SAID_EVERY_SECONDS)
        say(they)


async def redeploying(stack: Stack, wanted: argparse.Namespace) -> list[str]:
    """Replace everything; what went wrong."""
    stack.image = await another_image()
    say(f"{wanted.users} users and {wanted.subscriptions} subscriptions begin.")
    async with crowd(
        stack, users=wanted.users, subscriptions=wanted.subscriptions, think_seconds=wanted.think
    ) as they:
        progress = asyncio.create_task(said_meanwhile(they))
        process = await begun(stack)
        assert process.stdout is not None
        async for line in process.stdout:
            say(line.decode().rstrip())
        progress.cancel()
        status = await process.wait()
    found = await reckoned(they)
    late = [each for each in they.interruptions if each > RESUMED_WITHIN_SECONDS]
    found += [f"a subscription was away for {each:.2f} s" for each in late]
    return found + ([f"the redeploy ended with {status}"] if status else [])


async def loading(stack: Stack, wanted: argparse.Namespace) -> list[str]:
    """A slow provider, then one without room; what went wrong."""
    found: list[str] = []
    for levers in (SLOW, {**SLOW, "capacity": 2}):
        say(f"{wanted.users} users for {wanted.seconds:g} s, the provider: {levers}")
        async with (
            payment_takes(stack, **levers),
            crowd(
                stack, users=wanted.users, subscriptions=wanted.subscriptions, think_seconds=wanted.think
            ) as they,
        ):
            progress = asyncio.create_task(said_meanwhile(they))
            await asyncio.sleep(wanted.seconds)
            progress.cancel()
        found += await reckoned(they)
    return found


async def reckoned(they: Crowd) -> list[str]:
    """Print the figures; what was not answered well."""
    say(they)
    say(f"{await they.audited()} orders are in order by the books of all services.")
    return they.complaints()


async def siege(wanted: argparse.Namespace) -> list[str]:
    """Bring a system up, and do it; what went wrong."""
    say("The image is built.")
    await built()
    with tempfile.TemporaryDirectory() as folder:
        say("A system comes up.")
        async with running("fruitstore-siege", Path(folder) / "secrets") as stack:
            return await {"redeploy": redeploying, "load": loading}[wanted.what](stack, wanted)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["redeploy", "load"])
    parser.add_argument("--users", type=int, default=100, help="who order, one thing after the other (100)")
    parser.add_argument("--subscriptions", type=int, default=200, help="WebSockets, every fourth SSE (200)")
    parser.add_argument("--think", type=float, default=0.75, help="seconds between a user's actions (0.75)")
    parser.add_argument("--seconds", type=float, default=90, help="load: for how long each (90)")
    wanted = parser.parse_args()
    if reason := why_not():
        sys.exit(reason)
    found = asyncio.run(siege(wanted))
    for each in found[:50]:
        say(each)
    say(f"{len(found)} things went wrong." if found else "All was answered well, and nothing was lost.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
