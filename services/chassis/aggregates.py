"""Aggregates in MongoDB: one document each, carrying its own facts, changed by optimistic concurrency."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import pymongo
from pydantic import TypeAdapter, ValidationError

from schema.events import Event
from services.chassis import mongo
from services.chassis.carried import Carried, carried
from services.chassis.collecting import Collector
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


class Change(NamedTuple, Generic[A]):
    """A new state in the place of an old one, None where there was none; and what caused it."""

    old: A | None
    new: A
    cause: Carried = Carried()


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

    async def load_all(self, order_ids: Collection[str]) -> Mapping[str, A]:
        """Find those that there are, by their orders."""
        ...

    async def keep_all(self, changes: Sequence[Change[A]]) -> Mapping[str, Exception]:
        """Keep many, one of an order, as each would be kept; why not, by order, for those that were not.

        Raises what concerns them all.
        """
        ...


async def change(
    store: Store[A], order_id: str, decide: Callable[[A | None], A | None], known: A | None = None
) -> A | None:
    """Load, decide, keep; all over again where somebody else came first.

    `decide` gives the new state, or what it was given where nothing is to change. Returns the result. What is
    `known` need not be loaded: should it be so no longer, that is found out in keeping it.
    """
    while True:
        old, known = known or await store.load(order_id), None
        new = decide(old)
        if new is None or new is old:
            return old
        try:
            await (store.add(new) if old is None else store.replace(old, new))
        except ConflictError:
            continue
        return new


class MongoStore(Generic[A]):
    """Aggregates of one kind in one collection; new facts of its own go to the outbox in the same write.

    What comes while other changes are being kept is kept together: the more there is, the less each costs.
    """

    def __init__(self, collection: mongo.Collection, kind: type[A], source: str, outbox: Outbox) -> None:
        self.collection = collection
        self._adapter: TypeAdapter[A] = TypeAdapter(kind)
        self._source = source
        self._outbox = outbox
        self._adding = Collector(self._keep_together)
        self._replacing = Collector(self._keep_together)
        self._senseless: set[object] = set()
        """What has been complained of."""

    async def load(self, order_id: str) -> A | None:
        """Find one by its order."""
        return self.decoded(await self.collection.find_one({"_id": order_id}))

    async def add(self, new: A) -> None:
        """Keep a new one. Raises ConflictError, also where another unique index forbids it."""
        await self._kept(self._adding, Change(None, new, carried()))

    async def replace(self, old: A, new: A) -> None:
        """Keep a changed one, if it is still as it was. Raises ConflictError."""
        await self._kept(self._replacing, Change(old, new, carried()))

    async def load_all(self, order_ids: Collection[str]) -> dict[str, A]:
        """Find those that there are, by their orders."""
        found = await self.collection.find({"_id": {"$in": list(order_ids)}}).to_list(None)
        return {each.order_id: each for each in map(self.decoded, found) if each}

    async def keep_all(self, changes: Sequence[Change[A]]) -> dict[str, Exception]:
        """Keep many, one of an order, as each would be kept; why not, by order, for those that were not.

        Raises what concerns them all.
        """
        failed = await self._added([each for each in changes if each.old is None])
        failed |= await self._replaced([each for each in changes if each.old is not None])
        for each in changes:
            if each.new.order_id not in failed:
                with each.cause.resumed():
                    self._outbox.offer(self._told_by(each))
        return failed

    async def _kept(self, together: Collector[Change[A], None], change: Change[A]) -> None:
        if error := await together.take_in(change):
            raise error

    async def _keep_together(self, changes: Sequence[Change[A]]) -> Sequence[Exception | None]:
        """Keep what came at the same time; of those about one order the first, as the faster one."""
        firsts = {each.new.order_id: each for each in reversed(changes)}
        failed = await self.keep_all([*firsts.values()])
        order_ids = ((each.new.order_id, each is firsts[each.new.order_id]) for each in changes)
        return [failed.get(name) if is_first else ConflictError(name) for name, is_first in order_ids]

    async def _added(self, changes: Sequence[Change[A]]) -> dict[str, Exception]:
        if not changes:
            return {}
        documents = [self._document(each.new, self._told_by(each), each.cause) for each in changes]
        try:
            await self.collection.insert_many(documents, ordered=False)
        except mongo.BulkWriteError as error:
            return _refused(changes, error)
        return {}

    async def _replaced(self, changes: Sequence[Change[A]]) -> dict[str, Exception]:
        """An upsert of what is no longer so is refused as a duplicate: nothing else says which it was."""
        writes = [
            pymongo.UpdateOne(
                _guard(old),
                self._update(old, new, self._own(new.facts[len(old.facts) :]), cause),
                upsert=True,
            )
            for old, new, cause in changes
            if old is not None
        ]
        if not writes:
            return {}
        refused: dict[str, Exception] = {}
        said: Mapping[str, Any]
        try:
            said = (await self.collection.bulk_write(writes, ordered=False)).bulk_api_result
        except mongo.BulkWriteError as error:
            refused, said = _refused(changes, error), error.details
        if made := [each["_id"] for each in said["upserted"]]:  # there was nothing to replace
            await self.collection.delete_many({"_id": {"$in": made}})
        return refused | {order_id: ConflictError(order_id) for order_id in made}

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

    def _document(self, new: A, own: tuple[Event, ...], cause: Carried | None = None) -> mongo.Document:
        document = self._encoded(new)
        facts = document.pop("facts")
        return {"_id": new.order_id, **document, "facts": facts, "outbox": entries(own, cause)}

    def _update(self, old: A, new: A, own: tuple[Event, ...], cause: Carried | None = None) -> mongo.Document:
        document = self._encoded(new)
        added = document.pop("facts")[len(old.facts) :]
        update: mongo.Document = {"$set": document}
        if added:
            update["$push"] = {"facts": {"$each": added}, "outbox": {"$each": entries(own, cause)}}
        return update

    def _told_by(self, change: Change[A]) -> tuple[Event, ...]:
        """The facts of its own that a change adds."""
        return self._own(change.new.facts[len(change.old.facts) if change.old else 0 :])

    def _own(self, facts: tuple[Event, ...]) -> tuple[Event, ...]:
        return tuple(fact for fact in facts if fact.source == self._source)


def _guard(old: Aggregate) -> mongo.Document:
    return {"_id": old.order_id, "version": old.version}


def _refused(changes: Sequence[Change[A]], error: mongo.BulkWriteError) -> dict[str, Exception]:
    """Why single ones were not kept. Raises the error where it concerns them all."""
    if error.details["writeConcernErrors"]:
        raise error
    return {
        (order_id := changes[each["index"]].new.order_id): ConflictError(order_id)
        if each["code"] == mongo.DUPLICATE
        else mongo.OperationFailure(each["errmsg"], each["code"])
        for each in error.details["writeErrors"]
    }
