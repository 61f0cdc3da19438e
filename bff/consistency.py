"""Reading what one has written: MyPage is waited for a while, and where it is behind, that is known."""

import base64
import binascii
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Self

import orjson
import prometheus_client
from prometheus_client import CollectorRegistry

from bff.feed import Feed
from bff.mailbox import Mailbox
from bff.mypage import MyPage
from schema.requests import MAX_ID
from schema.views import OrderView

MAX_TEXT: Final = 1000
MAX_TYPES: Final = 20
MAX_TYPE: Final = 50
FIRST_PAUSE_SECONDS: Final = 0.05


class BadTokenError(ValueError):
    """The text is no consistency token."""


@dataclass(frozen=True)
class Token:
    """What was said of an order: these facts, by their types. As a text it is opaque to clients."""

    order_id: str
    types: frozenset[str]

    @classmethod
    def of(cls, view: OrderView) -> Self:
        """For a view that somebody was shown."""
        return cls(view.id, _types(view))

    @classmethod
    def read(cls, text: str) -> Self:
        """What a client sends back. Raises BadTokenError."""
        try:
            if len(text) > MAX_TEXT:
                raise BadTokenError
            said = orjson.loads(base64.b64decode(text.encode(), altchars=b"-_", validate=True))
        except (binascii.Error, UnicodeError, orjson.JSONDecodeError) as error:
            raise BadTokenError from error
        match said:
            case [str(order_id), *types] if len(order_id) <= MAX_ID and _are_types(types):
                return cls(order_id, frozenset(types))
        raise BadTokenError

    def text(self) -> str:
        """What a client keeps."""
        return base64.urlsafe_b64encode(orjson.dumps([self.order_id, *sorted(self.types)])).decode()

    def is_shown_by(self, view: OrderView) -> bool:
        """Whether this view has all that was said."""
        return view.id == self.order_id and self.types <= _types(view)


class Consistency:
    """Waits for MyPage to show what tokens stand for.

    A token may be made up: nothing can tell that an order will never come. So who waits, waits for `seconds`
    at most, is woken by announcements, reads at growing pauses; and of those who wait there are only so many,
    of one customer and of all. Whoever is too many is told at once that it does not show yet.
    """

    def __init__(
        self,
        mypage: MyPage,
        feed: Feed,
        registry: CollectorRegistry,
        *,
        seconds: float,
        of_one: int,
        of_all: int,
    ) -> None:
        self._mypage = mypage
        self._feed = feed
        self._seconds = seconds
        self._of_one = of_one
        self._of_all = of_all
        self._waiting: Counter[str] = Counter()
        self._reads = prometheus_client.Counter(
            "consistency_reads",
            "Reads with a consistency token: shown at once, waited for, stale after all, too many waiting.",
            ["outcome"],
            registry=registry,
        )

    async def behind(self, customer_id: str, tokens: Sequence[Token]) -> frozenset[str]:
        """Wait; the ids of those orders that MyPage still shows too old, or not at all."""
        with self._feed.listening(customer_id) as mailbox:
            missing = await self._missing(customer_id, tokens)
            if not missing:
                outcome = "shown"
            elif self._waiting.total() >= self._of_all or self._waiting[customer_id] >= self._of_one:
                outcome = "refused"
            else:
                with self._one_waits(customer_id):
                    missing = await self._wait(mailbox, customer_id, missing)
                outcome = "stale" if missing else "waited"
        self._reads.labels(outcome).inc()
        return frozenset(token.order_id for token in missing)

    def shown(self) -> None:
        """What was read shows it already."""
        self._reads.labels("shown").inc()

    async def _wait(self, mailbox: Mailbox, customer_id: str, missing: list[Token]) -> list[Token]:
        deadline, pause = time.monotonic() + self._seconds, FIRST_PAUSE_SECONDS
        while missing and (left := deadline - time.monotonic()) > 0:
            if await mailbox.filled_within(min(pause, left)):
                missing = _without(missing, mailbox.emptied())
            else:
                pause *= 2
                missing = await self._missing(customer_id, missing)
        return missing

    async def _missing(self, customer_id: str, tokens: Sequence[Token]) -> list[Token]:
        shown = await self._mypage.shown(customer_id, list({token.order_id for token in tokens}))
        return [token for token in tokens if not token.types <= shown.get(token.order_id, frozenset())]

    @contextmanager
    def _one_waits(self, customer_id: str) -> Iterator[None]:
        self._waiting[customer_id] += 1
        try:
            yield
        finally:
            self._waiting[customer_id] -= 1
            if not self._waiting[customer_id]:
                del self._waiting[customer_id]


def all_shown(tokens: Iterable[Token], views: Iterable[OrderView]) -> bool:
    """Whether these views have all that was said."""
    return not _without(tokens, list(views))


def _without(tokens: Iterable[Token], views: Sequence[OrderView]) -> list[Token]:
    by_id = {view.id: view for view in views}
    return [
        token
        for token in tokens
        if token.order_id not in by_id or not token.is_shown_by(by_id[token.order_id])
    ]


def _types(view: OrderView) -> frozenset[str]:
    return frozenset(entry.type for entry in view.history)


def _are_types(types: list[object]) -> bool:
    return 0 < len(types) <= MAX_TYPES and all(
        isinstance(each, str) and 0 < len(each) <= MAX_TYPE for each in types
    )
