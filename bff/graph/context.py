"""What a resolver knows: who asks, in which language, and whom to turn to."""

from dataclasses import dataclass
from typing import Any

import strawberry

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
    """One HTTP request, or one WebSocket with all its operations."""

    services: Services
    language: Language
    signed_in_as: str | None
    connection_params: dict[str, Any] | None = None

    @property
    def customer(self) -> str:
        """Who asks. Raises a CodedError where nobody has said."""
        if self.signed_in_as is None:
            raise unauthenticated()
        return self.signed_in_as


Info = strawberry.Info[Context, None]
