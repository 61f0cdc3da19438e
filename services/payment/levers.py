"""The sandbox's levers, the same for all replicas: there is one provider, however many of us ask it."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pymongo

from schema.requests import SandboxLevers
from services.chassis import mongo
from services.chassis.clock import Clock
from services.payment.provider import SandboxProvider

FOLLOW_SECONDS = 0.5
"""How often to look whether another replica's levers were pulled."""

FORGOTTEN = timedelta(seconds=5)
"""Levers that no replica has stood by for so long were pulled in another life of the system."""

TOLD_SECONDS = 1.0
"""How long it may take to tell the others: where the database is away, they are not told."""


class SharedLevers:
    """Pulls a sandbox's levers as they are pulled at any replica."""

    def __init__(self, shared: mongo.Collection, sandbox: SandboxProvider, now: Clock) -> None:
        self._shared = shared
        self._sandbox = sandbox
        self._now = now
        self._pulling = asyncio.Lock()

    @property
    def levers(self) -> SandboxLevers:
        """How the sandbox behaves."""
        return self._sandbox.levers

    async def pull(self, levers: SandboxLevers) -> None:
        """Behave so from now on, here at once and elsewhere soon."""
        async with self._pulling:
            await self._sandbox.pull(levers)
            told = {"levers": levers.model_dump(), "stood_by_at": self._now()}
            with suppress(mongo.Error), pymongo.timeout(TOLD_SECONDS):
                await self._shared.replace_one({"_id": "levers"}, told, upsert=True)

    async def follow(self) -> None:
        """Behave as was told elsewhere, and stand by it for those who come. Raises mongo.Error."""
        async with self._pulling:
            recent = {"_id": "levers", "stood_by_at": {"$gt": self._now() - FORGOTTEN}}
            told = await self._shared.find_one_and_update(recent, {"$set": {"stood_by_at": self._now()}})
            if told and (levers := SandboxLevers(**told["levers"])) != self._sandbox.levers:
                await self._sandbox.pull(levers)
