"""Sees to it that every quorum queue of a RabbitMQ that has just started has a leader.

On a node by itself a queue may stay without one after a kill, and takes nothing until somebody asks for an
election: https://github.com/rabbitmq/rabbitmq-server/issues/10070
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from compose.child import leashed

PATIENCE = 30.0
"""Seconds after which the node is left as it is: clients see what works and what does not."""

LOOPBACK = "-kernel inet_dist_use_interface {127,0,0,1}"
"""The tool talks to its node on the loopback alone."""

ELECT = """
Probed = fun({resource, _, queue, <<"fruitstore.alive", _/binary>>}) -> true; (_) -> false end,
Queues = [amqqueue:get_pid(Queue) || Queue <- rabbit_amqqueue:list(),
  amqqueue:get_type(Queue) == rabbit_quorum_queue, not Probed(amqqueue:get_name(Queue))],
Elect = fun Again() ->
  case [Pid || {Name, _} = Pid <- Queues, ra_leaderboard:lookup_leader(Name) == undefined] of
    [] -> length(Queues);
    Leaderless -> [ra:trigger_election(Pid) || Pid <- Leaderless], timer:sleep(100), Again()
  end
end,
Elect().
"""


async def elect(script: Path, environment: Mapping[str, str], node: str) -> None:
    """Ask for an election wherever there is no leader, until there is; gives up after `PATIENCE`."""
    process = await asyncio.create_subprocess_exec(
        *leashed(str(script.with_name("rabbitmqctl")), "-n", node, "--quiet", "eval", ELECT),
        env={**_without_lean_home(environment), "RABBITMQ_CTL_ERL_ARGS": LOOPBACK},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        process_group=0,
    )
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _without_lean_home(environment: Mapping[str, str]) -> dict[str, str]:
    """The node's environment, with the tools that its lean home leaves out."""
    return {name: value for name, value in environment.items() if name != "RABBITMQ_SCRIPTS_DIR"}
