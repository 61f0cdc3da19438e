"""Makes objects of the API's types of what is known to be whole."""

from typing import Any, TypeVar

T = TypeVar("T")


def made(kind: type[T], **fields: Any) -> T:
    """An object with these attributes, all that it has, without its constructor: for half of its price."""
    new = object.__new__(kind)
    new.__dict__ = fields
    return new
