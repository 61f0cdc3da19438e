"""Where a watcher of all orders stands among their changes, so that it can go on from there."""

import base64
import binascii
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final, Self

from bff.mypage import LONG_AGO
from schema.views import OrderView

MARGIN: Final = timedelta(seconds=10)
"""A change may be seen so long after a later one: longer than a write takes, and than clocks are apart."""

GIVEN_AT_MOST: Final = 50
BEGINNING: Final = LONG_AGO
END: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""What MongoDB's dates, and ours, can say."""

HEAD: Final = struct.Struct(">Q")
PAIR: Final = struct.Struct(">8sH")
MAX_TEXT: Final = (HEAD.size + GIVEN_AT_MOST * PAIR.size + 2) // 3 * 4
MAX_VERSION: Final = 2**16 - 1


class BadPositionError(ValueError):
    """The text is no position that this gateway gave out."""


@dataclass(frozen=True)
class Position:
    """All that changed before `moment`, less the margin, has been seen; and so have these, later ones.

    As a text it is opaque to clients. Nothing follows from it but what need not be sent, so a made-up one
    harms only whoever made it up.
    """

    moment: datetime
    given: Mapping[bytes, int] = field(default_factory=dict)

    @classmethod
    def of(cls, moment: datetime, views: Sequence[OrderView]) -> Self:
        """Where somebody stands who was shown these after that moment."""
        since = moment - MARGIN
        late = [view for view in views if view.changed_at and view.changed_at >= since][:GIVEN_AT_MOST]
        return cls(moment, {digest(view.id): view.version for view in late})

    @property
    def since(self) -> datetime:
        """From when on changes are to be read."""
        return self.moment - MARGIN

    def covers(self, view: OrderView) -> bool:
        """Whether this view, or a later one of its order, was given already."""
        return self.given.get(digest(view.id), 0) >= view.version

    def text(self) -> str:
        """What a client keeps."""
        milliseconds = (self.moment - BEGINNING) // timedelta(milliseconds=1)
        pairs = b"".join(PAIR.pack(name, min(version, MAX_VERSION)) for name, version in self.given.items())
        return base64.urlsafe_b64encode(HEAD.pack(milliseconds) + pairs).decode()

    @classmethod
    def read(cls, text: str) -> Self:
        """What a client has kept. Raises BadPositionError."""
        if len(text) > MAX_TEXT:
            raise BadPositionError
        try:
            said = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
            moment = BEGINNING + timedelta(milliseconds=HEAD.unpack_from(said)[0])
            given = dict(PAIR.iter_unpack(said[HEAD.size :]))
        except (struct.error, OverflowError, UnicodeError, binascii.Error) as error:
            raise BadPositionError from error
        if moment > END:
            raise BadPositionError
        return cls(moment, given)


class Progress:
    """What one watcher was given, for as long as that matters.

    Announcements may be lost or late. So `horizon` is moved by whoever has read all changes up to there and
    left them with the watcher; what is announced beyond it only need not be given twice.
    """

    def __init__(self) -> None:
        self.horizon: datetime | None = None
        self._given: dict[bytes, tuple[int, datetime | None]] = {}

    def begin(self, position: Position) -> None:
        """Go on from there."""
        self.horizon = position.moment
        self._given = {name: (version, None) for name, version in position.given.items()}

    def knows(self, view: OrderView) -> bool:
        """Whether this view, or a later one of its order, was given lately."""
        return self._given.get(digest(view.id), (0, None))[0] >= view.version

    def gave(self, view: OrderView) -> None:
        """The watcher has it."""
        name = digest(view.id)
        self._given.pop(name, None)
        self._given[name] = (view.version, view.changed_at)

    def learn(self, view: OrderView) -> None:
        """It was read: where it was given as it was announced, that is known now too when it changed."""
        if view.changed_at and self._given.get(digest(view.id)) == (view.version, None):
            self._given[digest(view.id)] = (view.version, view.changed_at)

    def position(self, waiting: Iterable[OrderView]) -> Position | None:
        """Where the watcher stands while these wait for it; None where that cannot be said yet."""
        moments = [each.changed_at for each in waiting if each.changed_at]
        if self.horizon is None or LONG_AGO in moments:
            return None
        position = Position(min([self.horizon, *moments]))
        self._forget(position.since)
        return Position(position.moment, {name: version for name, (version, _) in self._given.items()})

    def _forget(self, before: datetime) -> None:
        late = {name: given for name, given in self._given.items() if (given[1] or END) >= before}
        self._given = dict(list(late.items())[-GIVEN_AT_MOST:])


def digest(order_id: str) -> bytes:
    """An order's id, in short."""
    return blake2b(order_id.encode(errors="replace"), digest_size=8).digest()
