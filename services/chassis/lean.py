"""Takes libraries in without what they would bring along for nobody: imported before any of them is.

What is left out can be imported by others afterwards. `python -m tests.bench.startup` measures.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
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


@contextmanager
def _without_command_line(package: str) -> Iterator[None]:
    """Where the body imports the package, `main` has what `server` has, and nothing else."""
    module = f"{package}.main"
    if module in sys.modules:
        yield
        return
    instead: Any = ModuleType(module)
    instead.__getattr__ = lambda name: getattr(import_module(f"{package}.server"), name, None)
    sys.modules[module] = instead
    try:
        yield
    finally:
        del sys.modules[module]


with _without_command_line("uvicorn"):  # it takes in click, and what starts other processes
    import uvicorn as uvicorn
