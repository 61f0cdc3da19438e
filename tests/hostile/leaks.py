"""What must never be read outside: in an answer, a header or a close reason, and in the log."""

import re
from typing import Final

INTERNALS: Final = {
    "a stack": r"Traceback|stack ?trace|File \"|, line \d+",
    "a file": r"\b\w+\.py\b|site-packages|/usr/|/home/|/tmp/",
    "a module": r"\b(bff|services|schema|compose|strawberry|starlette|uvicorn|motor|pymongo|bson|aiohttp"
    r"|joserfc|pydantic|orjson|asyncio|faststream|aio_?pika|graphql\.\w+|multidict|httptools|websockets)\.[a-z_]",
    "an exception": r"\b[A-Z][A-Za-z]*(Error|Exception|Warning|Timeout)\b(?!\")",
    "a server": r"mongodb://|amqps?://|http://127|localhost|\b127\.0\.0\.1:(?!1\b)\d+",
    "an object": r"<[\w.]+ object at|0x[0-9a-f]{8,}",
    "a token": r"eyJ[\w-]+\.eyJ",
    "the secret": r"a secret of 32 bytes",
}
ANYWHERE: Final = {what: re.compile(pattern) for what, pattern in INTERNALS.items()}
IN_LOG: Final = {
    "a token": re.compile(r"eyJ[\w-]{8,}\.[\w-]+"),
    "the secret": re.compile(INTERNALS["the secret"]),
    "a bug": re.compile(r"a bug"),
    "a stack": re.compile(r"Traceback|Exception in|Task exception was never"),
}


def leaked(text: str, echoed: str = "") -> list[str]:
    """What of our insides is in a text, and was not in what it answers."""
    found = ((what, pattern.search(text)) for what, pattern in ANYWHERE.items())
    return [f"{what}: {match[0]!r}" for what, match in found if match and match[0] not in echoed]


def leaked_to_log(text: str) -> list[str]:
    """The lines of a log that should not be there."""
    return [
        f"{what}: {line[:300]}"
        for line in text.splitlines()
        for what, pattern in IN_LOG.items()
        if pattern.search(line)
    ]
