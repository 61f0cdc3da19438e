"""How a stream is written: as server-sent events, and as Apollo's multipart.

Sources: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md, distinct connections mode;
https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
"""

import random
from typing import Final

from bff.edge import json
from bff.edge.answer import Answer

RETRY_MILLISECONDS: Final = (500, 3000)
"""When to come back after a break, between these two: not all at once."""

BOUNDARY: Final = b"\r\n--graphql"
PART: Final = b"\r\ncontent-type: application/json\r\n\r\n"


class Events:
    """Server-sent events. A stream that ends without `complete` is to be opened again."""

    content_type = "text/event-stream; charset=utf-8"
    heartbeat = b":\n\n"
    complete = b"event: complete\ndata:\n\n"

    def opening(self) -> bytes:
        """When to come back."""
        return f"retry: {random.randint(*RETRY_MILLISECONDS)}\n\n".encode()  # noqa: S311 # no secret

    def answer(self, answer: Answer) -> bytes:
        """An event; where there is something to resume from, with its id."""
        resume = f"id: {answer.resume}\n" if answer.resume else ""
        return f"event: next\n{resume}data: ".encode() + json.written(answer.body) + b"\n\n"

    def broken_off(self, refusal: Answer) -> bytes:
        """Nothing: that there is no `complete` says it."""
        del refusal
        return b""


class Multipart:
    """Parts of JSON. A boundary follows each part at once: only then does a client read it."""

    content_type = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
    heartbeat = PART + b"{}" + BOUNDARY
    complete = b"--\r\n"

    def opening(self) -> bytes:
        """The first boundary."""
        return BOUNDARY

    def answer(self, answer: Answer) -> bytes:
        """An answer, wrapped."""
        return PART + json.written({"payload": answer.body}) + BOUNDARY

    def broken_off(self, refusal: Answer) -> bytes:
        """An error of the transport's, after which links try again."""
        return PART + json.written({"payload": None, **refusal.body}) + BOUNDARY + self.complete
