"""What a resolver knows: who asks, in which language, and whom to turn to."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import strawberry

from bff.caller import Caller
from bff.consistency import Consistency
from bff.feed import Feed
from bff.graph.errors import unauthenticated
from bff.graph.texts import Language
from bff.mypage import MyPage
from bff.ordering import Ordering
from bff.orders import Orders


@dataclass(frozen=True)
class Services:
    """Whom a resolver turns to; the same for every request."""

    ordering: Ordering
    orders: Orders
    mypage: MyPage
    feed: Feed
    consistency: Consistency


@dataclass
class Context:
    """One operation, whatever it came over."""

    services: Services
    language: Language
    caller: Caller | None
    correlation_id: str
    address: str = ""
    """Where the client is, as far as can be known."""
    wants_price: bool = False
    """Whether `extensions` are to say what the operation costs."""
    last_event_id: str | None = None
    """Where a stream is to be resumed, as its client says (Last-Event-ID)."""
    consistency_tokens: tuple[str, ...] = ()
    """What the client has seen done, as it says in a header."""
    idempotency_key: str | None = None
    """What the request as a whole is named by, as its client says in a header."""
    resume: str | None = None
    """Where a stream could be resumed after the view just given: set by its resolver with each view."""
    extensions: dict[str, Any] = field(default_factory=dict)
    """What goes into the response's `extensions`."""

    outcomes: dict[str | int, str] = field(default_factory=dict)
    """What became of commands: by response name, the type of the outcome."""

    @property
    def customer(self) -> str:
        """Who asks. Raises a CodedError where nobody has said."""
        if self.caller is None:
            raise unauthenticated()
        return self.caller.customer_id

    def can_resume_from(self, here: str | None) -> None:
        """The view that follows is one after which the stream could be resumed from here."""
        self.resume = here
        if here is None:
            self.extensions.pop("resume", None)
        else:
            self.extensions["resume"] = here


Info = strawberry.Info[Context, None]

Outcome = TypeVar("Outcome")


def told(info: Info, outcome: Outcome) -> Outcome:
    """What a command is answered with, remembered by its type."""
    info.context.outcomes[info.path.key] = type(outcome).__name__
    return outcome
