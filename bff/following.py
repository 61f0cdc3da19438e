"""Following all of a customer's orders: from where a watcher stands, without a gap and without repetition."""

from collections.abc import AsyncGenerator

from bff.mailbox import Mailbox
from bff.mypage import MAX_PAGE, MyPage
from bff.position import MARGIN, Position


async def catching_up(mypage: MyPage, mailbox: Mailbox, after: Position | None) -> AsyncGenerator[None, None]:
    """Leave what changed after a position, else the newest orders, oldest first; from then on it follows.

    A position may be old, and much may have changed since. So it is read page by page: what was left is to be
    given before the next step is asked for.
    """
    now = await mypage.now()
    if after is None:
        mailbox.progress.begin(Position(now))
        page = await mypage.newest(mailbox.customer_id, MAX_PAGE)
        for view in reversed(page.orders):
            mailbox.put(view)
    else:
        mailbox.progress.begin(Position(min(after.moment, now), after.given))
        async for views in mypage.changes([mailbox.customer_id], min(after.moment, now) - MARGIN):
            for view in views:
                mailbox.put(view)
            mailbox.progress.horizon = max(min(after.moment, now), views[-1].changed_at or now)
            yield
        mailbox.progress.horizon = now
    mailbox.follows = True
