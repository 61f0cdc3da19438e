"""JSON, strictly in and readable out."""

from typing import Any

import orjson

NotJsonError = orjson.JSONDecodeError


def read(data: bytes | str) -> Any:
    """Read JSON: no half characters, no endless nesting. Raises NotJsonError."""
    return orjson.loads(data)


def written(data: object) -> bytes:
    """Write JSON as people read it: Korean is Korean, not escapes. A datetime without a zone is in UTC."""
    return orjson.dumps(data, option=orjson.OPT_NAIVE_UTC)
