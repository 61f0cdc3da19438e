"""All hostile requests."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from tests.hostile.attacks import Attack, SocketAttack
from tests.hostile.corpus_bodies import BODIES
from tests.hostile.corpus_crowds import CROWDS, HANDSHAKES
from tests.hostile.corpus_documents import DOCUMENTS
from tests.hostile.corpus_doors import DOORS
from tests.hostile.corpus_http import HTTP
from tests.hostile.corpus_names import NAMED
from tests.hostile.corpus_sessions import SESSIONS, SOCKET_COOKIES
from tests.hostile.corpus_sockets import RULES
from tests.hostile.corpus_tokens import SOCKET_TOKENS, TOKENS
from tests.hostile.corpus_values import VALUES
from tests.hostile.corpus_wire import WIRE

GROUPS: Final[dict[str, Sequence[Attack | SocketAttack]]] = {
    "bodies": BODIES,
    "documents": DOCUMENTS,
    "values": VALUES,
    "wire": WIRE,
    "http": HTTP,
    "names": NAMED,
    "other doors": DOORS,
    "tokens": TOKENS,
    "sessions": SESSIONS,
    "handshakes": HANDSHAKES,
    "frames": RULES,
    "crowds": CROWDS,
    "tokens on sockets": SOCKET_TOKENS,
    "cookies on sockets": SOCKET_COOKIES,
}
CORPUS: Final = [attack for group in GROUPS.values() for attack in group]
BY_NAME: Final = {attack.name: attack for attack in CORPUS}

if twice := [name for name, count in Counter(each.name for each in CORPUS).items() if count > 1]:
    raise AssertionError(twice)
