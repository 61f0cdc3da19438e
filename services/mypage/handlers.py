"""What mypage does when it hears a fact: have it taken in, and announce the new view."""

from collections.abc import Awaitable, Callable

from schema.events import Event
from schema.views import OrderView
from services.mypage.together import Outcome, Pages, Rebuilt, no_others, take_in_all

Announce = Callable[[OrderView], Awaitable[None]]


async def hear(fact: Event, pages: Pages, announce: Announce, rebuilt: Rebuilt = no_others) -> bool:
    """Take a fact in by itself, and announce the new view. False says that it was a repetition."""
    [outcome] = await take_in_all([fact], pages, rebuilt)
    return await tell(outcome, announce)


async def tell(outcome: Outcome, announce: Announce) -> bool:
    """Announce the view that a fact is in now. Raises what kept it from being taken in.

    A repetition is announced too: the first time may have ended between the page and its announcement.
    False says that it was one.
    """
    if isinstance(outcome, Exception):
        raise outcome
    if outcome.page.view is not None:
        await announce(outcome.page.view)
    return outcome.new
