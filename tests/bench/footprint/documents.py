"""What an order leaves in each collection: its document, and its part of the indexes."""

from typing import NamedTuple

from services.chassis import mongo

COLLECTIONS = (
    "order.orders",
    "payment.payments",
    "payment.sandbox_ledger",
    "delivery.deliveries",
    "mypage.orders",
)


class Kept(NamedTuple):
    """How many documents, and bytes of each: as it is, on disk, and in each index."""

    documents: int
    size: float
    stored: float
    indexes: dict[str, float]


async def kept(client: mongo.Client) -> dict[str, Kept]:
    """What each `SERVICE.COLLECTION` holds, once all of it is on disk."""
    await client.admin.command("fsync", 1)
    return {collection: await _kept(client, *collection.split(".")) for collection in COLLECTIONS}


async def _kept(client: mongo.Client, room: str, name: str) -> Kept:
    said = await client[f"fruitstore_{room}"].command("collStats", name)
    count = said["count"] or 1
    indexes = {index: size / count for index, size in said["indexSizes"].items()}
    return Kept(said["count"], said["size"] / count, said["storageSize"] / count, indexes)
