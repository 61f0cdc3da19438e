"""Which order has which customer's key: remembered on disk, so that any number of orders can be read."""

import sqlite3
from types import TracebackType
from typing import Self

from schema.feed import OrderEntry


class Keys:
    """The keys met so far; a context manager, after which they are forgotten."""

    def __enter__(self) -> Self:
        self._database = sqlite3.connect("")  # a file of its own that is gone when it is closed
        self._database.execute(
            "CREATE TABLE keys (customer TEXT, key TEXT, holder TEXT, PRIMARY KEY (customer, key))"
            " WITHOUT ROWID"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def rival(self, order: OrderEntry) -> str | None:
        """Note an order's key; the order that had it before, if another did."""
        if order.idempotency_key is None:
            return None
        name = (order.customer_id, order.idempotency_key)
        added = self._database.execute(
            "INSERT INTO keys VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (*name, order.order_id)
        )
        if added.rowcount:
            return None
        holder: str
        (holder,) = self._database.execute(
            "SELECT holder FROM keys WHERE customer = ? AND key = ?", name
        ).fetchone()
        return holder if holder != order.order_id else None
