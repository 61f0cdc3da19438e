"""A mailbox's reader, who asks for one view after the other."""

from collections.abc import AsyncIterator

from bff.mailbox import Mailbox
from schema.views import OrderView


async def views(mailbox: Mailbox) -> AsyncIterator[OrderView]:
    """What comes, as it comes, without end."""
    while True:
        await mailbox.filled()
        for view in mailbox.waiting():
            yield view
