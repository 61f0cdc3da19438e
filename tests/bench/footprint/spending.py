"""What the processes of a stack have taken so far: CPU seconds, bytes, database operations, messages."""

import time
from collections.abc import Mapping, Sequence

import psutil
from motor.motor_asyncio import AsyncIOMotorClient

from services.chassis import mongo
from tests.stories.stack import Stack

PARTS = ("bff", "order", "payment", "delivery", "mypage", "mongod", "rabbitmq")
TELLERS = ("order", "payment", "delivery")

Reading = dict[str, float]
"""A counter's value by its name; names of CPU seconds and of bytes on disk end in the part's name."""


class Meters:
    """All counters of a stack: read them twice, and take what was spent between."""

    def __init__(self, stack: Stack) -> None:
        self.client: mongo.Client = AsyncIOMotorClient(stack.state()["mongo_url"], timeoutMS=5000)
        self._stack = stack
        self._families = {part: _family(stack.pid(part)) for part in PARTS}

    async def read(self) -> Reading:
        """How far each counter is."""
        taken = await self._database() | await self._messages() | {"seconds": time.monotonic()}
        for part, processes in self._families.items():
            taken[f"disk {part}"] = sum(each.io_counters().write_bytes for each in processes)
            times = [each.cpu_times() for each in processes]
            taken[f"cpu {part}"] = sum(each.user + each.system for each in times)
        return taken

    def memory(self) -> dict[str, float]:
        """Resident MiB of each part."""
        return {
            part: sum(each.memory_info().rss for each in processes) / 2**20
            for part, processes in self._families.items()
        }

    async def heard(self) -> float:
        """Views that the gateway has heard."""
        return (await self._stack.metrics("bff"))["changes_heard_total"]

    async def _database(self) -> Reading:
        status = await self.client.admin.command("serverStatus")
        tiger, done = status["wiredTiger"], status["opcounters"]
        oplog = await self.client.local.command("collStats", "oplog.rs")
        return {
            "journal": tiger["log"]["log bytes written"],
            "syncs": tiger["log"]["log sync operations"],
            "oplog": oplog["size"],
            "writes": done["insert"] + done["update"] + done["delete"],
            "reads": done["query"] + done["getmore"],
        }

    async def _messages(self) -> Reading:
        told = [(await self._stack.metrics(part))["outbox_told_total"] for part in TELLERS]
        return {"facts": sum(told), "views": await self.heard()}


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> Reading:
    """From one reading to the next."""
    return {name: after[name] - before[name] for name in after}


def per(count: float, taken: Mapping[str, float], idle: Mapping[str, float] | None = None) -> Reading:
    """What one of so many took, less what each of those seconds takes without any."""
    known = idle or {}
    return {
        name: (value - known.get(name, 0) * taken["seconds"]) / count
        for name, value in taken.items()
        if name != "seconds"
    }


def middle(readings: Sequence[Mapping[str, float]], name: str) -> tuple[float, float, float]:
    """The median, the least and the most of a counter."""
    values = sorted(each[name] for each in readings)
    return values[len(values) // 2], values[0], values[-1]
