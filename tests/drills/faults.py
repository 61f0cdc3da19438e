"""What is done to processes and servers: killed, frozen, out of disk, not a primary any more."""

import signal
from typing import Any

from tests.drills.scene import Scene
from tests.drills.system import PARTS, SERVERS

APPLICATION = "fruitstore"
"""The name by which mongod knows the parts, so that it fails them alone."""

REFUSALS: dict[str, dict[str, Any]] = {
    "disk full": {"errorCode": 14031},
    "not primary": {"errorCode": 10107},
    "connection closed": {"closeConnection": True},
    "majority not reached": {
        "writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}
    },
    "read only": {"errorCode": 11600},
}
"""What failCommand makes mongod answer: OutOfDiskSpace, NotWritablePrimary, InterruptedAtShutdown, …"""

DOWN_AT_ONCE = 2
"""Where more parts are down, nobody can order, and nothing is drilled."""

WRITES = ["insert", "update", "findAndModify"]


async def parts_killed(scene: Scene) -> None:
    """Kill -9 of a part drawn by chance, every few seconds; so many that are down already are waited for."""
    while scene.open:
        await scene.pause(0.5, 3)
        down = [part for part in PARTS if not scene.system.is_ready(part)]
        part = scene.chance.choice(PARTS)
        if len(down) < DOWN_AT_ONCE and scene.system.signal(part, signal.SIGKILL):
            scene.note(f"kill {part}")


async def frozen(scene: Scene) -> None:
    """SIGSTOP of a part or a server, and SIGCONT a little later."""
    while scene.open:
        await scene.pause(0.2, 1)
        name = scene.chance.choice((*PARTS, *SERVERS))
        pid = scene.system.pid(name)
        if not scene.system.signal(name, signal.SIGSTOP):
            continue
        scene.note(f"freeze {name}")
        try:
            await scene.pause(0.3, 2.5)
        finally:
            if scene.system.pid(name) == pid:
                scene.system.signal(name, signal.SIGCONT)


async def broker_killed(scene: Scene) -> None:
    """Kill -9 of the broker; once it is back, and some more was told, again."""
    await _server_killed(scene, "rabbitmq")


async def database_killed(scene: Scene) -> None:
    """Kill -9 of mongod; once it is back, and some more was written, again."""
    await _server_killed(scene, "mongod")


async def _server_killed(scene: Scene, name: str) -> None:
    while scene.open:
        await scene.pause(1.5, 4)
        if scene.system.signal(name, signal.SIGKILL):
            scene.note(f"kill {name}")
        await scene.system.is_back(name)


async def disk_trouble(scene: Scene) -> None:
    """Make mongod refuse a share of what the parts ask, for one reason after another, or take no writes."""
    admin = scene.system.client.admin
    while scene.open:
        await scene.pause(0.2, 1)
        if scene.chance.random() < 0.2:
            await _locked(scene)
            continue
        reason = scene.chance.choice(list(REFUSALS))
        commands = WRITES if reason in {"disk full", "majority not reached"} else [*WRITES, "find"]
        await admin.command(
            "configureFailPoint",
            "failCommand",
            mode={"activationProbability": scene.chance.uniform(0.2, 0.8)},
            data={"failCommands": commands, "appName": APPLICATION, **REFUSALS[reason]},
        )
        scene.note(reason)
        try:
            await scene.pause(0.5, 2.5)
        finally:
            await admin.command("configureFailPoint", "failCommand", mode="off")


async def _locked(scene: Scene) -> None:
    """Let mongod take no writes, as a read-only disk would."""
    admin = scene.system.client.admin
    await admin.command("fsync", lock=True)
    scene.note("writes locked")
    try:
        await scene.pause(0.5, 2.5)
    finally:
        await admin.command("fsyncUnlock")
