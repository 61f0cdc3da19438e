"""Values that are kept as mappings: plans read them where they are, and make no objects of them.

A type says in `KEPT`, by the names of its attributes, how each is read off the mapping. Of that plans are
made, and objects where the ordinary completion wants them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

ATTRIBUTE: Final = "KEPT"
"""Where a type says it: `Readings`."""


@dataclass(frozen=True)
class Reading:
    """An expression of the mapping `{v}` and of what it needs by name; `of` is the type of what it gives.

    That is a mapping then, or a list of mappings; else it is the value itself.
    """

    code: str
    needs: Mapping[str, Any] = field(default_factory=dict)
    of: type | None = None
    is_list: bool = False
    member: str | None = None
    """Where it is one of `members`: the name by which the name of that is there."""

    def written(self, value: str, constant: Callable[[Any], str]) -> str:
        """The expression for a variable; `constant` gives what is needed a name."""
        return self.code.format(v=value, **{name: constant(what) for name, what in self.needs.items()})


@dataclass(frozen=True)
class Choice:
    """What takes the place of a resolver: of a mapping that is read, what is there by a key.

    The key is what `by` makes of the resolver's arguments: one for all values of an execution.
    """

    reading: Reading
    by: Callable[..., Any]


Readings = Mapping[str, Reading | Choice]
"""How a type's attributes are read, and its resolvers replaced, by their names."""


def key(name: str) -> Reading:
    """What is there by that name."""
    return Reading(f"{{v}}[{name!r}]")


def maybe(name: str) -> Reading:
    """What is there by that name, or None."""
    return Reading(f"{{v}}.get({name!r})")


def member(name: str, members: Mapping[str, Any]) -> Reading:
    """What is meant by what is there by that name."""
    return Reading(f"{{members}}[{{v}}[{name!r}]]", {"members": members}, member=name)


def maybe_member(name: str, members: Mapping[str, Any]) -> Reading:
    """The same, or None where nothing is."""
    return Reading(f"({{members}}[x] if (x := {{v}}.get({name!r})) else None)", {"members": members})


def worked(function: Callable[[Mapping[str, Any]], Any]) -> Reading:
    """What is worked out of the mapping."""
    return Reading("{function}({v})", {"function": function})


def one(name: str, kind: type) -> Reading:
    """A mapping that is there by that name, or none."""
    return Reading(f"({{v}}.get({name!r}) or None)", of=kind)


def many(name: str, kind: type) -> Reading:
    """The mappings of a list."""
    return Reading(f"{{v}}[{name!r}]", of=kind, is_list=True)


class Kept(Generic[T]):
    """A value of a type, as it is kept."""

    __slots__ = ("kind", "mapping")

    def __init__(self, kind: type[T], mapping: Mapping[str, Any]) -> None:
        self.kind = kind
        self.mapping = mapping

    def made(self) -> T:
        """The object."""
        made: T = maker(self.kind)(self.mapping)  # type: ignore[arg-type] # what is hashable, if not a class?
        return made


@cache
def maker(kind: type) -> Callable[[Mapping[str, Any]], Any]:
    """A function that makes objects of this type of what is kept."""
    constants: dict[str, Any] = {"new": object.__new__, "kind": kind}

    def constant(what: Any) -> str:
        name = f"c{len(constants)}"
        constants[name] = what
        return name

    lines = ["def made(v):", " made = new(kind)"]
    for name, reading in readings(kind).items():
        if isinstance(reading, Reading):
            lines.append(f" made.{name} = {_made(reading, reading.written('v', constant), constant)}")
    exec("\n".join([*lines, " return made"]), constants)  # noqa: S102 # nothing in it is a client's
    function: Callable[[Mapping[str, Any]], Any] = constants["made"]
    return function


def readings(kind: type) -> Readings:
    """What a type says of what is kept of it; nothing where it does not."""
    said: Readings = vars(kind).get(ATTRIBUTE, {})
    return said


def _made(reading: Reading, code: str, constant: Callable[[Any], str]) -> str:
    if reading.of is None:
        return code
    inner = constant(maker(reading.of))
    return f"[{inner}(x) for x in {code}]" if reading.is_list else f"{inner}(x) if (x := {code}) else None"
