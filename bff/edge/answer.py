"""What is answered, over whatever transport."""

from dataclasses import dataclass

from bff.edge.asked import Json


@dataclass(frozen=True, slots=True)
class Answer:
    """One result: `data` and `errors` as they are sent. Without `data` nothing was executed."""

    body: Json
    resume: str | None = None
    """Where a stream could be resumed after this."""

    @property
    def executed(self) -> bool:
        """Whether it was executed, well or not."""
        return "data" in self.body
