"""A subscription over a WebSocket: once it has caught up it is told from within the feed, by no task."""

from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from graphql import GraphQLError

from bff.edge.peer import GoneError, Peer
from bff.edge.subscription import Subscription


class Push:
    """Tells what its subscription brings, as far as there is room: what finds none waits in the mailbox."""

    __slots__ = ("_is_over", "_name", "_peer", "_refused", "_stopped", "_subscription")

    def __init__(
        self,
        name: str,
        subscription: Subscription,
        peer: Peer,
        refused: Callable[[GraphQLError], Any],
        is_over: Callable[[], None],
    ) -> None:
        self._name = name
        self._subscription = subscription
        self._peer = peer
        self._refused = refused
        self._is_over = is_over
        self._stopped = False

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self._subscription.over

    async def begin(self) -> None:
        """Catch up, and be told from then on."""
        try:
            async with aclosing(self._subscription.steps()) as steps:
                async for _ in steps:
                    while not (self._tell() or self.over):
                        await self._peer.room()
        except BaseException:
            self.stop()
            raise
        if not self.over:
            self._subscription.attend(self._tell)

    def stop(self) -> None:
        """Say nothing more."""
        self._stopped = True
        self._subscription.close()
        is_over, self._is_over = self._is_over, _nothing  # it knows who knows this
        is_over()

    def _tell(self) -> bool:
        """Whether all has been told that there is to tell."""
        try:
            return self._told()
        except GoneError:
            self.stop()
        except Exception as error:  # noqa: BLE001 # a bug in one operation ends that one, and is logged
            self._end(self._refused(GraphQLError("", original_error=error)))
        return True

    def _told(self) -> bool:
        if self._stopped:
            return True
        if not self._peer.may_hear:
            self.stop()
            return True
        answers = self._subscription.answers()
        while self._peer.has_room:
            answer = next(answers, None)
            if answer is None:
                if self.over:
                    self._end(None)
                return True
            if not answer.executed:
                self._end(answer.body["errors"])
                return True
            self._peer.say("next", self._name, answer.body)
        self._peer.once_it_has_room(self._tell)
        return False

    def _end(self, errors: Any) -> None:
        self.stop()
        try:
            self._peer.say("error" if errors else "complete", self._name, errors)
        except GoneError:
            return


def _nothing() -> None:
    """What is done the second time."""
