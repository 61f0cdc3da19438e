"""What each service says of every order: its feed, read page by page and by whoever wants to compare.

GET /feed?after=ORDER_ID&limit=N is a page in the order of order ids, GET /feed/{order_id} one entry (404
where the service knows nothing of it). A feed can be taken up again after any entry. Orders that are added
behind the reader's place are not met: their facts are told, and heard, after the reading began.
"""

from typing import Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from schema.events import Event
from schema.fruit import Shipping, Won
from schema.views import DeliveryStatus, OrderView, PaymentStatus

PAGE = 500
"""Entries on a page, unless asked otherwise."""

MAX_PAGE = 2000


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True)


class Moment(_Said):
    """A fact by its id, and when something became of it."""

    id: str
    at: AwareDatetime


class Entry(_Said):
    """One order, as a service knows it: all facts, its own and those it heard.

    `told` is when the broker confirmed each of its own; `untold` since when the others wait for that.
    """

    order_id: str
    facts: tuple[Event, ...]
    told: tuple[Moment, ...] = ()
    untold: tuple[Moment, ...] = ()


class OrderEntry(Entry):
    """What the order service says; the key is None where it is free again."""

    customer_id: str
    idempotency_key: str | None
    attempt: int


class Account(_Said):
    """What the provider's books say of an order: how often it was charged, and sums in won."""

    charges: int = 0
    charged: Won = 0
    given_back: Won = 0


class PaymentEntry(Entry):
    """What the payment service says. The due times are those of what is still owed to the provider."""

    status: PaymentStatus
    amount: Won
    charge_due: AwareDatetime | None
    refund_due: AwareDatetime | None
    account: Account


class DeliveryEntry(Entry):
    """What the delivery service says; what was canceled before it began has no shipping."""

    status: DeliveryStatus
    shipping: Shipping | None


class PageEntry(Entry):
    """What MyPage says: the view that customers get, and when each fact was taken in.

    The view is None while the order's OrderPlaced has not come.
    """

    view: OrderView | None
    taken_in: tuple[Moment, ...]


E = TypeVar("E", bound=Entry)


class FeedPage(_Said, Generic[E]):
    """A page; `next` is what to ask for `after`, None at the end."""

    entries: tuple[E, ...]
    next: str | None
