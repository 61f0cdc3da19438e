"""What other commands and tests can know of a running stack: its stack.json."""

import json
import os
from typing import Any

from compose.directory import Directory
from compose.supervisor import Supervisor
from compose.topology import Topology


def write(directory: Directory, topology: Topology, supervisor: Supervisor) -> None:
    """Write the state as it is now, atomically: readers see the old one or the new one."""
    unfinished = directory.state.with_suffix(".json.new")
    unfinished.write_text(json.dumps(_described(directory, topology, supervisor), indent=2) + "\n")
    unfinished.replace(directory.state)


def _described(directory: Directory, topology: Topology, supervisor: Supervisor) -> dict[str, Any]:
    return {
        "directory": str(directory.path),
        "supervisor_pid": os.getpid(),
        "ready": supervisor.ready,
        "graphql_url": f"{topology.ports.url('bff')}/graphql",
        "mongo_url": topology.mongo_url,
        "rabbitmq_url": topology.rabbitmq_url,
        "parts": {
            name: {
                "pid": keeper.child.pid if keeper.child else None,
                "port": keeper.program.port,
                "url": keeper.program.url,
                "restarts": keeper.restarts,
            }
            for name, keeper in supervisor.keepers.items()
        },
    }
