"""Compares the live pages with rebuilt ones, while both go on changing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import islice

from schema.rebuild import Difference
from services.chassis import mongo

AT_ONCE = 250
EXAMPLES = 3
DIFFER_AT_MOST = 20_000
"""Where more pages differ, the others are not compared: memory is bounded."""

LOOKS = 10
"""What differs is looked at again so often without any more coming right, before it counts."""

BETWEEN_LOOKS_SECONDS = 0.5

WITHOUT_MOMENTS = {"taken_in": 0, "changed_at": 0, "awaited_since": 0}
"""When facts came is no part of what pages say; since when they wait follows from the facts themselves."""

Pair = tuple[mongo.Document | None, mongo.Document | None]
Passed = Callable[[int], Awaitable[None]]


async def differing(live: mongo.Collection, rebuilt: mongo.Collection, passed: Passed) -> list[str]:
    """The ids of pages that differ, DIFFER_AT_MOST of them at most; `passed` hears how many were compared.

    What comes right when it is looked at again was only being written.
    """
    ids = [order_id async for order_id in _found(live, rebuilt, passed)]
    looks = LOOKS if len(ids) < DIFFER_AT_MOST else 0
    while ids and looks:
        await asyncio.sleep(BETWEEN_LOOKS_SECONDS)
        left = [_id(pair) async for pair in pairs_of(live, rebuilt, ids, passed) if _differ(pair)]
        looks = LOOKS if len(left) < len(ids) else looks - 1
        ids = left
    return ids


async def summary(
    live: mongo.Collection, rebuilt: mongo.Collection, ids: Iterable[str], passed: Passed
) -> tuple[Difference, ...]:
    """How pages differ: each kind, of how many orders, with a few examples; the most frequent first."""
    counts: dict[str, int] = {}
    examples: dict[str, list[str]] = {}
    async for pair in pairs_of(live, rebuilt, ids, passed):
        for kind in kinds(pair):
            counts[kind] = counts.get(kind, 0) + 1
            if counts[kind] <= EXAMPLES:
                examples.setdefault(kind, []).append(_id(pair))
    ordered = sorted(counts, key=lambda kind: (-counts[kind], kind))
    return tuple(
        Difference(kind=kind, orders=counts[kind], examples=tuple(examples[kind])) for kind in ordered
    )


def kinds(pair: Pair) -> list[str]:
    """In which ways a live page differs from the rebuilt one."""
    live, rebuilt = pair
    if live is None:
        return ["page missing in live"] if rebuilt else []
    if rebuilt is None:
        return ["page unknown to the feeds"]
    ours, theirs = _types(live), _types(rebuilt)
    missing = [f"{kind} missing in live" for kind in sorted(theirs - ours)]
    unknown = [f"{kind} unknown to the feeds" for kind in sorted(ours - theirs)]
    fields = sorted(name for name in live.keys() | rebuilt.keys() if live.get(name) != rebuilt.get(name))
    return [*missing, *unknown] or [f"field {name} differs" for name in fields]


async def pairs_of(
    live: mongo.Collection, rebuilt: mongo.Collection, ids: Iterable[str], passed: Passed
) -> AsyncIterator[Pair]:
    """Both pages of each of these orders."""
    rest = iter(ids)
    while some := list(islice(rest, AT_ONCE)):
        which = {"_id": {"$in": some}}
        old = {each["_id"]: each for each in await live.find(which, WITHOUT_MOMENTS).to_list(None)}
        new = {each["_id"]: each for each in await rebuilt.find(which, WITHOUT_MOMENTS).to_list(None)}
        for order_id in some:
            yield old.get(order_id), new.get(order_id)
        await passed(0)


async def _found(live: mongo.Collection, rebuilt: mongo.Collection, passed: Passed) -> AsyncIterator[str]:
    """The ids of pages that differ at the first look, going through both collections side by side."""
    olds, news = _all(live, passed), _all(rebuilt, _nobody)
    old, new = await anext(olds, None), await anext(news, None)
    found = 0
    while (old or new) and found < DIFFER_AT_MOST:
        order_id = min(each["_id"] for each in (old, new) if each)
        pair = _of(order_id, old), _of(order_id, new)
        if _differ(pair):
            found += 1
            yield order_id
        old = await anext(olds, None) if pair[0] else old
        new = await anext(news, None) if pair[1] else new


async def _all(collection: mongo.Collection, passed: Passed) -> AsyncIterator[mongo.Document]:
    """All pages in the order of their ids, read a few at a time; others get their turn in between."""
    after = ""
    while True:
        behind = collection.find({"_id": {"$gt": after}}, WITHOUT_MOMENTS).sort("_id", 1)
        documents = await behind.limit(AT_ONCE).to_list(None)
        for document in documents:
            yield document
        await passed(len(documents))
        if len(documents) < AT_ONCE:
            return
        after = documents[-1]["_id"]


def _of(order_id: str, page: mongo.Document | None) -> mongo.Document | None:
    return page if page and page["_id"] == order_id else None


def _differ(pair: Pair) -> bool:
    return pair[0] != pair[1]


def _id(pair: Pair) -> str:
    return next(str(each["_id"]) for each in pair if each)


def _types(page: mongo.Document) -> set[str]:
    return {str(fact.get("type")) for fact in page.get("facts", ())}


async def _nobody(_: int) -> None:
    """Nobody counts."""
