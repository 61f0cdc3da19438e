"""Rebuilds all pages from the feeds while facts are heard and pages are read, and swaps them in."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress

from schema.rebuild import Rebuild, StartRebuild, State
from schema.views import MYPAGE_ORDERS
from services.chassis import mongo
from services.chassis.background import is_ours
from services.chassis.logs import logger
from services.chassis.upstream import Upstream
from services.mypage import comparing
from services.mypage.building import Building
from services.mypage.control import DEAD_AFTER_MS, SETTLED_AFTER_SECONDS, Control, LostError
from services.mypage.joining import FeedAwayError, SourceFeed, UnreadableError, joined
from services.mypage.store import MongoPages

log = logger(__name__)

PREFIX = f"{MYPAGE_ORDERS}_rebuilt_"
BEAT_SECONDS = 0.5


class Rebuilder:
    """At most one rebuild goes on, whichever replica of mypage it is that does it."""

    def __init__(self, database: mongo.Database, control: Control, sources: Mapping[str, Upstream]) -> None:
        self._database = database
        self._control = control
        self._sources = sources
        self._wanted: asyncio.Queue[tuple[str, StartRebuild]] = asyncio.Queue()

    async def start(self, command: StartRebuild) -> bool:
        """Have the pages rebuilt; False where that is going on already."""
        job = uuid.uuid4().hex
        if not await self._control.begin(job):
            return False
        self._wanted.put_nowait((job, command))
        return True

    async def seen(self) -> Rebuild:
        """The last rebuild, as it stands."""
        return await self._control.seen()

    async def rebuilt(self) -> MongoPages | None:
        """The pages that are being made, for what is heard meanwhile."""
        into = await self._control.into()
        return MongoPages(self._database[into]) if into else None

    async def run(self) -> None:
        """Do what is wanted, for as long as the process lives."""
        while True:
            job, command = await self._wanted.get()
            try:
                await _Job(job, command, self._database, self._control, self._sources).run()
            except asyncio.CancelledError:
                if is_ours():
                    raise
                log.warning("a rebuild was cancelled from below", job=job)
            except Exception:
                log.exception("a rebuild ended without a word", job=job)


class _Job:
    """One rebuild. Whatever it meets, the live pages are whole: old until the swap, new from then on."""

    def __init__(
        self,
        job: str,
        command: StartRebuild,
        database: mongo.Database,
        control: Control,
        sources: Mapping[str, Upstream],
    ) -> None:
        self._job = job
        self._command = command
        self._control = control
        self._sources = sources
        self._database = database
        self._live = database[MYPAGE_ORDERS]
        self._rebuilt = database[f"{PREFIX}{job}"]
        self._done = 0
        self._said_at = 0.0
        self._renaming = False

    async def run(self) -> None:
        """Rebuild; how it ended is said by the control document."""
        log.info("rebuilding the pages", job=self._job)
        try:
            state = await self._rebuild()
        except asyncio.CancelledError:
            if not self._renaming:  # else it may be done yet, so that nobody may stop writing to both
                with suppress(LostError, mongo.Error):
                    await self._say(state="failed", into=None, error="Mypage was stopped: start it again.")
            raise
        except LostError:
            log.warning("how this rebuild ended is not known here: it counts as dead", job=self._job)
        except FeedAwayError as error:
            await self._end("failed", error=f"{error} Start the rebuild again when it does.")
        except UnreadableError as error:
            await self._end("failed", error=f"{error} Put that right, then start the rebuild again.")
        except Exception as error:  # noqa: BLE001 # whoever waits for the rebuild must hear of it
            log.warning("the rebuild failed", job=self._job, error=repr(error))
            await self._end("failed", error=f"{type(error).__name__}: {error}. Start the rebuild again.")
        else:
            await self._end(state)

    async def _rebuild(self) -> State:
        await self._prepare()
        await self._build()
        alike = await self._compare()
        if not alike and not self._command.despite_differences:
            return "differs"
        await self._swap()
        return "swapped"

    async def _prepare(self) -> None:
        """See to it that every replica writes heard facts to the new pages too, before a feed is read."""
        await asyncio.sleep(SETTLED_AFTER_SECONDS)  # now nobody writes to those of a dead rebuild
        for name in await self._database.list_collection_names(filter={"name": {"$regex": f"^{PREFIX}"}}):
            await self._database.drop_collection(name)
        await MongoPages(self._rebuilt).prepare()
        total = await self._live.estimated_document_count()
        await self._say(state="building", into=self._rebuilt.name, total=total)
        await asyncio.sleep(SETTLED_AFTER_SECONDS)

    async def _build(self) -> None:
        feeds = [SourceFeed(name, upstream, self._beat).entries() for name, upstream in self._sources.items()]
        await Building(self._live, self._rebuilt).build(joined(feeds), self._passed)
        await self._say(pages=self._done)

    async def _compare(self) -> bool:
        """Whether live and new pages are alike; if not, in what way they differ is said."""
        self._done = 0
        await self._say(state="comparing", total=await self._live.estimated_document_count())
        ids = await comparing.differing(self._live, self._rebuilt, self._passed)
        differences = await comparing.summary(self._live, self._rebuilt, ids, self._passed)
        more = len(ids) >= comparing.DIFFER_AT_MOST
        if ids and self._command.despite_differences:
            await self._say_changed({} if more else {"_id": {"$in": ids}})
        await self._say(differences=[each.model_dump() for each in differences], more=more)
        return not differences

    async def _say_changed(self, which: mongo.Document) -> None:
        """Pages that are to replace others count as changed now, for whoever resumes after the swap."""
        some: list[str] = []
        async for each in self._rebuilt.find(which, {"_id": 1}):
            some.append(each["_id"])
            if len(some) == comparing.AT_ONCE:
                await MongoPages(self._rebuilt).say_changed(some)
                await self._passed(0)
                some = []
        await MongoPages(self._rebuilt).say_changed(some)

    async def _swap(self) -> None:
        """Put the new pages in the place of the live ones, in one step.

        It is never tried twice: a fact heard after it could have begun another collection of the same name.
        """
        before = time.monotonic()
        await self._say(state="swapping")
        ours = await self._uuid(self._rebuilt.name)
        if time.monotonic() - before > DEAD_AFTER_MS / 2000:
            raise LostError(self._job)
        self._renaming = True
        try:
            await self._rebuilt.rename(MYPAGE_ORDERS, dropTarget=True)
        except mongo.Error as error:
            if await self._uuid(MYPAGE_ORDERS) != ours:
                raise LostError(self._job) from error
        self._renaming = False

    async def _uuid(self, name: str) -> object:
        async for each in await self._database.list_collections(filter={"name": name}):
            return each["info"]["uuid"]
        return None

    async def _end(self, state: State, **said: object) -> None:
        """Say how it ended; then, when nobody writes there any more, drop what is left."""
        try:
            await self._say(state=state, into=None, **said)
            await asyncio.sleep(SETTLED_AFTER_SECONDS)
            await self._rebuilt.drop()
        except (LostError, mongo.Error) as error:
            log.warning("the end of this rebuild could not be said", job=self._job, error=repr(error))
        log.info("the rebuild has ended", job=self._job, state=state)

    async def _passed(self, many: int) -> None:
        """So many pages went through."""
        self._done += many
        await self._beat()

    async def _beat(self) -> None:
        """Say now and then that it lives, and how far it is; let others have their turn."""
        if time.monotonic() - self._said_at > BEAT_SECONDS:
            await self._say()
        await asyncio.sleep(0)

    async def _say(self, **said: object) -> None:
        await self._control.say(self._job, done=self._done, **said)
        self._said_at = time.monotonic()
