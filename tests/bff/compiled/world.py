"""A schema of everything that an answer can be made of, and values for it, right and wrong."""

import asyncio
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any

import strawberry
from hypothesis import strategies as st
from strawberry.types.cast import cast

MOMENT = datetime(2026, 11, 24, 9, 30, 15, 250_000, UTC)


@strawberry.enum
class Color(Enum):
    RED = "red"
    GREEN = "green"


class Shade(Enum):
    """No color of the API's."""

    RED = "red"


@strawberry.interface
class Named:
    name: str | None


@strawberry.type
class Cat(Named):
    lives: int

    @strawberry.field
    def meows(self, times: int = 1) -> str:
        return "meow" * times


@strawberry.type
class Dog(Named):
    good: bool

    @strawberry.field
    async def barks(self) -> str | None:
        await asyncio.sleep(0)
        return "woof"


@strawberry.type
class Stone:
    weight: float


Thing = Annotated[Cat | Dog | Stone, strawberry.union("Thing")]


@strawberry.input
class Wish:
    word: str = "apple"
    color: Color | None = None


@strawberry.type
class Node(Named):
    id: strawberry.ID
    size: int
    weight: float | None
    flag: bool
    at: datetime | None
    color: Color
    colors: list[Color | None] | None
    child: "Node | None"
    children: list["Node"]
    maybe: list["Node | None"] | None
    matrix: list[list[int]]
    thing: Thing | None
    things: list[Thing]
    named: Named

    @strawberry.field
    def says(self, info: strawberry.Info, times: int = 1, word: str | None = None) -> str:
        return f"{info.context['greeting']} {word or self.name} {info.field_name}" * min(times, 3)

    @strawberry.field
    def painted(self, color: Color = Color.RED) -> Color | None:
        return color if self.flag else None

    @strawberry.field
    def wishes(self, wish: Wish) -> str:
        return f"{wish.word} {wish.color}"

    @strawberry.field
    def fails(self, *, really: bool = False) -> int | None:
        if really:
            raise ValueError(f"{self.id} fails")
        return 7

    @strawberry.field
    def place(self, info: strawberry.Info) -> str:
        return ".".join(map(str, info.path.as_list()))

    @strawberry.field
    def place_or_nowhere(self, info: strawberry.Info) -> str:
        try:
            return ".".join(map(str, info.path.as_list()))
        except Exception:  # noqa: BLE001 # it swallows whatever comes
            return "nowhere"

    @strawberry.field
    def parent(self, info: strawberry.Info, root: strawberry.Parent[Any]) -> str:
        return f"{info.context['greeting']} {root.name}"

    @strawberry.field
    async def later(self) -> int:
        await asyncio.sleep(0)
        return 11


@strawberry.type
class Query:
    node: Node
    maybe_node: Node | None
    nodes: list[Node]
    things: list[Thing | None]
    named: Named | None
    size: int
    colors: list[Color]

    @strawberry.field
    async def slow_node(self, info: strawberry.Info, name: str = "slow") -> Node | None:
        await asyncio.sleep(0)
        node: Node | None = info.context[name]
        return node

    @strawberry.field
    def found(self, info: strawberry.Info, first: int = 2) -> list[Node] | None:
        return [info.context["slow"]] * min(first, 3)


class Awaited:
    """Something to wait for, as often as one likes."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        return self.value

    def __repr__(self) -> str:
        return "Awaited"


class Odd(str):
    """A string, and not quite."""


class Kitten(Cat):
    """A cat of its own class."""


def values(depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    """Root values: each may be poisoned somewhere."""
    node = nodes(depth)
    return st.fixed_dictionaries(
        {
            "node": perhaps_wrong(node),
            "maybe_node": st.none() | node,
            "nodes": lists(node),
            "things": lists(st.none() | things()),
            "named": st.none() | named(),
            "size": perhaps_wrong(st.integers(-5, 5)),
            "colors": lists(st.sampled_from(Color)),
            "slow": perhaps_wrong(node),
        }
    )


def nodes(depth: int) -> st.SearchStrategy[Node]:
    """Objects with objects in them, so deep."""
    child = nodes(depth - 1) if depth else st.none()
    some = lists(child) if depth else st.just([])
    return st.builds(
        Node,
        name=perhaps_wrong(st.none() | st.sampled_from(["apple", "사과"])),
        id=perhaps_wrong(st.sampled_from(["1", "2"])),
        size=perhaps_wrong(st.integers(-3, 3)),
        weight=perhaps_wrong(st.none() | st.floats(0, 1)),
        flag=perhaps_wrong(st.booleans()),
        at=perhaps_wrong(st.none() | st.just(MOMENT)),
        color=perhaps_wrong(st.sampled_from(Color)),
        colors=perhaps_wrong(st.none() | lists(st.none() | st.sampled_from(Color))),
        child=perhaps_wrong(st.none() | child),
        children=perhaps_wrong(some),
        maybe=perhaps_wrong(st.none() | some),
        matrix=perhaps_wrong(lists(lists(st.integers(0, 3)))),
        thing=perhaps_wrong(st.none() | things()),
        things=perhaps_wrong(lists(things())),
        named=perhaps_wrong(named()),
    )


def things() -> st.SearchStrategy[Any]:
    """Members of the union, and what is cast to one."""
    cats = st.builds(Cat, name=st.just("나비"), lives=perhaps_wrong(st.just(9)))
    dogs = st.builds(Dog, name=st.none(), good=st.booleans())
    stones = st.builds(Stone, weight=st.floats(0, 1))
    kittens = st.builds(Kitten, name=st.just("아기"), lives=st.just(9))
    masked = st.builds(Cat, name=st.just("dog?"), lives=st.just(1)).map(lambda cat: cast(Dog, cat))
    return perhaps_wrong(cats | dogs | stones | kittens | masked)


def named() -> st.SearchStrategy[Any]:
    """What implements the interface."""
    return st.builds(Cat, name=st.just("나비"), lives=st.just(9)) | st.builds(
        Dog, name=st.none(), good=st.booleans()
    )


def lists(each: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists, mostly."""
    short = st.lists(each, max_size=3)
    return st.one_of(short, short, short, short.map(tuple))


def perhaps_wrong(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly right."""
    return st.integers(0, 30).flatmap(lambda number: right if number else wrong())


def wrong() -> st.SearchStrategy[Any]:
    """What does not belong there. An error is a new one each time: it remembers where it was raised."""
    return st.builds(ValueError, st.just("a value that is an error")) | st.sampled_from(
        [
            None,
            0,
            1,
            True,
            2**31,
            1.5,
            float("nan"),
            float("inf"),
            "3",
            Odd("odd"),
            "",
            [],
            (),
            {},
            Shade.RED,
            object,
            Awaited(None),
            Awaited(3),
            Stone(weight=1.0),
        ]
    )
