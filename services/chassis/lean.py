"""Takes libraries in without what they would bring along for nobody: imported before any of them is.

What is left out can be imported by others afterwards. `python -m tests.bench.startup` measures.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Where the body imports one of these, it is not there; unless somebody has taken it in before."""
    hidden = [name for name in names if name not in sys.modules]
    absent: dict[str, Any] = dict.fromkeys(hidden)
    sys.modules.update(absent)
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _without(
    "pymongo.pyopenssl_context"
):  # in vain: it needs PyOpenSSL, but first takes in all of cryptography
    import pymongo as pymongo

with _without("rich", "greenlet"):  # tracebacks in colours: ours are text
    import structlog as structlog

with _without("watchfiles"):  # watches for changes of code
    import uvicorn as uvicorn
