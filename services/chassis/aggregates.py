"""Aggregates in MongoDB: one document each, carrying its own facts, changed by optimistic concurrency."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from schema.events import Event
from services.chassis import mongo
from services.chassis.logs import logger
from services.chassis.outbox import Outbox, entries

log = logger(__name__)


class Aggregate(Protocol):
    """State with the facts that made it. `version` grows by one with every change."""

    @property
    def order_id(self) -> str:
        """Its name: there is one aggregate of a kind for an order."""
        ...

    @property
    def version(self) -> int:
        """How often it was kept."""
        ...

    @property
    def facts(self) -> tuple[Event, ...]:
        """All facts that made it, its own and those it heard, as they came."""
        ...


A = TypeVar("A", bound=Aggregate)


class ConflictError(Exception):
    """Somebody else changed or added it first: load it again."""


class Store(Protocol[A]):
    """Where aggregates are kept."""

    async def load(self, order_id: str) -> A | None:
        """Find one by its order."""
        ...

    async def add(self, new: A) -> None:
        """Keep a new one. Raises ConflictError."""
        ...

    async def replace(self, old: A, new: A) -> None:
        """Keep a changed one, if it is still as it was. Raises ConflictError."""
        ...


async def change(store: Store[A], order_id: str, decide: Callable[[A | None], A | None]) -> A | None:
    """Load, decide, keep; all over again where somebody else came first.

    `decide` gives the new state, or what it was given where nothing is to change. Returns the result.
    """
    while True:
        old = await store.load(order_id)
        new = decide(old)
        if new is None or new is old:
            return old
        try:
            await (store.add(new) if old is None else store.replace(old, new))
        except ConflictError:
            continue
        return new


class MongoStore(Generic[A]):
    """Aggregates of one kind in one collection; new facts of its own go to the outbox in the same write."""

    def __init__(self, collection: mongo.Collection, kind: type[A], source: str, outbox: Outbox) -> None:
        self.collection = collection
        self._adapter: TypeAdapter[A] = TypeAdapter(kind)
        self._source = source
        self._outbox = outbox
        self._senseless: set[object] = set()
        """What has been complained of."""

    async def load(self, order_id: str) -> A | None:
        """Find one by its order."""
        return self.decoded(await self.collection.find_one({"_id": order_id}))

    async def add(self, new: A) -> None:
        """Keep a new one. Raises ConflictError, also where another unique index forbids it."""
        own = self._own(new.facts)
        document = self._encoded(new)
        facts = document.pop("facts")
        try:
            await self.collection.insert_one(
                {"_id": new.order_id, **document, "facts": facts, "outbox": entries(own)}
            )
        except mongo.DuplicateKeyError as error:
            raise ConflictError(new.order_id) from error
        self._outbox.offer(own)

    async def replace(self, old: A, new: A) -> None:
        """Keep a changed one, if it is still as it was. Raises ConflictError."""
        document = self._encoded(new)
        added = document.pop("facts")[len(old.facts) :]
        own = self._own(new.facts[len(old.facts) :])
        update: mongo.Document = {"$set": document}
        if added:
            update["$push"] = {"facts": {"$each": added}, "outbox": {"$each": entries(own)}}
        guard = {"_id": old.order_id, "version": old.version}
        result = await self.collection.update_one(guard, update)
        if not result.matched_count:
            raise ConflictError(old.order_id)
        self._outbox.offer(own)

    async def find_due(self, field: str, at: datetime, limit: int) -> list[A]:
        """Find up to `limit` whose `field` is a moment not after `at`, the longest due first.

        A document that makes no sense is passed over, so that it holds up none of the others.
        """
        due = {field: {"$lte": at, "$type": "date"}}
        cursor = self.collection.find(due).sort(field, 1).batch_size(limit)
        found: list[A] = []
        try:
            while len(found) < limit and (document := await anext(cursor, None)) is not None:
                if (each := self._made_sense_of(document)) is not None:
                    found.append(each)
        finally:
            await cursor.close()
        return found

    async def index_due(self, field: str) -> None:
        """Create the index by which they are found; it holds nothing else."""
        await self.collection.create_index(
            field, name=field, partialFilterExpression={field: {"$type": "date"}}
        )

    def decoded(self, document: mongo.Document | None) -> A | None:
        """The aggregate that a document holds."""
        if document is None:
            return None
        return self._adapter.validate_python({**document, "order_id": document["_id"]})

    def _made_sense_of(self, document: mongo.Document) -> A | None:
        try:
            return self.decoded(document)
        except ValidationError as error:
            if document["_id"] not in self._senseless:
                self._senseless.add(document["_id"])
                log.warning("a document makes no sense: look at it", order=document["_id"], error=str(error))
            return None

    def _encoded(self, state: A) -> dict[str, Any]:
        document: dict[str, Any] = self._adapter.dump_python(state)
        del document["order_id"]
        return document

    def _own(self, facts: tuple[Event, ...]) -> tuple[Event, ...]:
        return tuple(fact for fact in facts if fact.source == self._source)
