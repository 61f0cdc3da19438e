"""Who is at the other end of a request or a connection."""

from dataclasses import dataclass

from bff.caller import Caller
from bff.graph.texts import Language


@dataclass
class Client:
    """What is known before any operation: the same for all that come over one connection."""

    address: str
    language: Language
    caller: Caller | None = None
    consistency_tokens: tuple[str, ...] = ()
    last_event_id: str | None = None
    wants_price: bool = False
    """Whether the answers' `extensions` are to say what they cost."""
