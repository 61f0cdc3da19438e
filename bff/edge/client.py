"""Who is at the other end of a request or a connection."""

from dataclasses import dataclass, field

from bff.caller import Caller
from bff.graph.texts import Language


@dataclass
class Client:
    """What is known before any operation: the same for all that come over one connection."""

    address: str
    language: Language
    caller: Caller | None = None
    cookie: str | None = field(default=None, repr=False)
    """The token in our own page's cookie, for whoever gives no other."""
    consistency_tokens: tuple[str, ...] = ()
    idempotency_key: str | None = None
    """Names what is asked for, however often it is sent: by its sender, or by a proxy in between."""
    last_event_id: str | None = None
    wants_price: bool = False
    """Whether the answers' `extensions` are to say what they cost."""
