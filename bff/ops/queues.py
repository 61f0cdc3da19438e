"""What the broker says of queues: what waits for mypage, and the dead letters of all."""

from typing import Any, Final

from bff.ops.sharing import InTime
from schema import channels
from services.chassis.dead_letters import counted
from services.chassis.hearing import Probe

SECONDS: Final = 0.8


class Queues:
    """Queues, asked for over a connection that is there already."""

    def __init__(self, state_of: Probe) -> None:
        self._state_of = state_of
        self._counted: dict[str, int] | None = None
        self.waiting = InTime("what waits for mypage", self._ask_what_waits, SECONDS)
        self.letters = InTime("dead letters", self._ask_letters, SECONDS)

    async def _ask_what_waits(self) -> int | None:
        """Those that mypage holds already are not among them."""
        state = await self._state_of(channels.queue_name("mypage"))
        return state.messages if state else None

    async def _ask_letters(self) -> dict[str, int] | None:
        """While somebody is at them, whatever was counted last."""
        self._counted = await counted(self._state_of) or self._counted
        return self._counted


def shown(letters: dict[str, int] | None) -> dict[str, Any]:
    """As it is answered."""
    queues = [{"hearer": hearer, "count": count} for hearer, count in (letters or {}).items()]
    return {"total": None if letters is None else sum(letters.values()), "queues": queues}
