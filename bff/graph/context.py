"""What a resolver knows: who asks, in which language, and whom to turn to."""

from dataclasses import dataclass, field
from typing import Any

import strawberry
from graphql import DocumentNode

from bff.caller import Caller
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


@dataclass
class Context:
    """One operation, whatever it came over."""

    services: Services
    language: Language
    caller: Caller | None
    correlation_id: str
    document: DocumentNode | None = None
    """What the gate has parsed and validated, for the schema to execute."""
    last_event_id: str | None = None
    """Where a stream is to be resumed, as its client says (Last-Event-ID)."""
    consistency_tokens: tuple[str, ...] = ()
    """What the client has seen done, as it says in a header."""
    resume: str | None = None
    """Where a stream could be resumed after the view just given: set by its resolver with each view."""
    extensions: dict[str, Any] = field(default_factory=dict)
    """What goes into the response's `extensions`."""

    @property
    def customer(self) -> str:
        """Who asks. Raises a CodedError where nobody has said."""
        if self.caller is None:
            raise unauthenticated()
        return self.caller.customer_id


Info = strawberry.Info[Context, None]
