"""What can be asked of mypage, and what it says, about making its pages anew from the feeds."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

State = Literal["none", "preparing", "building", "comparing", "swapping", "swapped", "differs", "failed"]
"""A rebuild ends as `swapped`, as `differs` (nothing was changed) or as `failed` (nothing was changed)."""

ENDED: frozenset[State] = frozenset({"none", "swapped", "differs", "failed"})


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True)


class StartRebuild(_Said):
    """POST /rebuild. Pages that differ from the live ones are swapped in only where that is wanted."""

    despite_differences: bool = False


class Difference(_Said):
    """One way in which live pages differ from what the feeds say: of how many orders, and some of these."""

    kind: str
    orders: int
    examples: tuple[str, ...]


class Rebuild(_Said):
    """GET /rebuild: the last rebuild there was. `done` of about `total` pages have gone through its state.

    `alive` is False where the process that did it is gone. `more` is set where so many pages differ that the
    others were not compared.
    """

    state: State = "none"
    alive: bool = True
    done: int = 0
    total: int = 0
    pages: int = 0
    differences: tuple[Difference, ...] = ()
    more: bool = False
    error: str | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ENDED or not self.alive
