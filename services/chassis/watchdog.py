"""Ends a process whose event loop stands still: whoever started it starts it again."""

import faulthandler
import os

from services.chassis.health import Health
from services.chassis.logs import logger

log = logger(__name__)

STATUS = 1
"""How a process ends that cannot go on."""


class Watchdog:
    """Wants to be fed by the event loop; once it was not for so many seconds, it ends the process at once.

    Before that it writes to stderr where each thread stands. It needs neither the loop nor Python's lock.
    Without a time it never does anything.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds

    def feed(self, health: Health) -> None:
        """The loop goes round. Ends the process where that makes no progress, as `health` says."""
        if self._seconds is None:
            return
        if health.stuck():
            log.error("stuck: ending, to be started again")
            os._exit(STATUS)
        faulthandler.dump_traceback_later(self._seconds, exit=True)

    def rest(self) -> None:
        """The process ends by itself."""
        if self._seconds is not None:
            faulthandler.cancel_dump_traceback_later()
