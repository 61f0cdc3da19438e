"""What is alive in this process: tasks, generators, and the gateways' own tables."""

import asyncio
import gc
from types import AsyncGeneratorType
from typing import Any, TypeVar

T = TypeVar("T")


def every(kind: type[T]) -> list[T]:
    """All objects of a kind that somebody still holds."""
    gc.collect()
    return [each for each in gc.get_objects() if type(each) is kind]


def every_kind_of(kind: type[T]) -> list[T]:
    """All objects of a kind, or of a kind of it, that somebody still holds."""
    gc.collect()
    return [each for each in gc.get_objects() if issubclass(type(each), kind)]


def generators() -> int:
    """Async generators that have begun and not ended."""
    found: list[AsyncGeneratorType[Any, Any]] = every(AsyncGeneratorType)
    return sum(each.ag_frame is not None for each in found)


def tasks() -> int:
    """Tasks that are not done."""
    return len(asyncio.all_tasks())
