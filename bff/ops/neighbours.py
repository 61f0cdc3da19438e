"""What the services say of themselves: whether they are ready, and their numbers."""

import asyncio
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from bff.ops.numbers import Numbers
from bff.ops.sharing import InTime
from services.chassis.upstream import Upstream

SECONDS: Final = 0.8
"""How long a service may take to say how it is."""

SHOWN: Final = ("outbox_depth", "outbox_age_seconds", "projection_lag_seconds")
NAMES: Final = ("order", "payment", "delivery", "mypage")


@dataclass(frozen=True)
class Report:
    """What one said. `ready` is None where we do not know where it is; `numbers` where it said none."""

    name: str
    ready: bool | None
    said: str | None = None
    numbers: Numbers | None = None

    def shown(self) -> dict[str, Any]:
        """As it is answered."""
        return {"name": self.name, "ready": self.ready, "said": self.said, "outbox": self._outbox()}

    def _outbox(self) -> dict[str, Any] | None:
        depth = self.numbers.total("outbox_depth") if self.numbers else None
        age = self.numbers.total("outbox_age_seconds") if self.numbers else None
        return None if depth is None or age is None else {"depth": int(depth), "oldestSeconds": age}


class Neighbour:
    """One service, asked over connections of its own: ordering does not notice."""

    def __init__(self, name: str, upstream: Upstream | None) -> None:
        self.name = name
        self._upstream = upstream
        self._readiness = InTime(f"whether {name} is ready", self._ask_whether_ready, SECONDS)
        self._numbers = InTime(f"numbers of {name}", self._ask_numbers, SECONDS)

    async def report(self) -> Report:
        """Ask both at once."""
        if self._upstream is None:
            return Report(self.name, None, f"{self.name.upper()}_URL does not say where it is.")
        readiness, numbers = await asyncio.gather(self._readiness(), self._numbers())
        if readiness is None:
            return Report(self.name, ready=False, said="It does not answer.")
        return Report(self.name, bool(readiness.get("ready")), _sentence(readiness), numbers)

    async def close(self) -> None:
        """Close its connections."""
        if self._upstream:
            await self._upstream.close()

    async def _ask_whether_ready(self) -> dict[str, Any]:
        """200 and 503 both say why. Raises whatever."""
        assert self._upstream  # noqa: S101 # nobody asks without
        said: dict[str, Any] = json.loads((await self._upstream.ask("GET", "/readyz")).body)
        return {"ready": said["ready"], "draining": said["draining"], "dependencies": said["dependencies"]}

    async def _ask_numbers(self) -> Numbers | None:
        assert self._upstream  # noqa: S101 # nobody asks without
        answer = await self._upstream.ask("GET", "/metrics")
        return Numbers.shown(answer.body.decode(), SHOWN) if answer.status == HTTPStatus.OK else None


def _sentence(readiness: dict[str, Any]) -> str | None:
    """What is wrong, also where it can be ready without; None: nothing."""
    missing = {name: each for name, each in readiness["dependencies"].items() if not each["ok"]}
    named = [f"{name} ({each['trouble']})" if each.get("trouble") else name for name, each in missing.items()]
    words = [
        *(["It is about to end."] if readiness["draining"] else []),
        *([f"Without {', '.join(named)}."] if named else []),
    ]
    return " ".join(words) or None
