"""What the schema's fields cost: the whole list. A unit is about what one resolved field costs, 10 µs."""

from typing import Final

ROOT: Final[dict[str, int]] = {
    "Query.fruits": 50,
    "Query.order": 100,
    "Query.myOrders": 100,
    "Mutation.placeOrder": 1000,
    "Mutation.cancelOrder": 500,
    "Subscription.orderStatus": 500,
    "Subscription.myOrderUpdates": 500,
}
"""What a field takes beside what it shows: a database, other services, or being kept open."""

PAGED: Final[frozenset[str]] = frozenset({"OrderConnection.edges"})
"""Lists as long as the page that `first` asks for."""

LENGTHS: Final[dict[str, int]] = {
    "Query.fruits": 20,
    "Subscription.myOrderUpdates": 50,
    "Order.history": 10,
    "InvalidOrder.problems": 5,
}
"""How long other lists are taken to be; `myOrderUpdates` begins with a page of orders."""
