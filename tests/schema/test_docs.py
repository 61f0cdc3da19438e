"""Whoever reads the schema finds words for everything in it."""

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
)

from bff.graph import root

ROOTS = {"Query", "Mutation", "Subscription"}
GIVEN = {"Int", "Float", "String", "Boolean", "ID"}
STATUSES = ("OrderStatus", "PaymentStatus", "DeliveryStatus", "CancelReason", "OrderEventType")


def described(kind: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    """A type and all that is in it, with what is said of each."""
    yield kind.name, kind.description
    match kind:
        case GraphQLObjectType():
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field.description
                for argument, about in field.args.items():
                    yield f"{kind.name}.{name}({argument})", about.description
        case GraphQLInputObjectType():
            for name, entry in kind.fields.items():
                yield f"{kind.name}.{name}", entry.description
        case GraphQLEnumType():
            for name, value in kind.values.items():
                yield f"{kind.name}.{name}", value.description


def test_everything_in_the_api_has_words() -> None:
    schema = build_schema(root.schema().as_str())
    kinds = [
        kind for name, kind in schema.type_map.items() if not name.startswith("__") and name not in GIVEN
    ]
    without = [name for kind in kinds for name, words in described(kind) if not (words or "").strip()]
    assert without == []


def test_what_a_status_means_is_said_in_korean_and_english() -> None:
    schema = build_schema(root.schema().as_str())
    for name in STATUSES:
        kind = schema.type_map[name]
        assert isinstance(kind, GraphQLEnumType)
        for value in kind.values.values():
            words = value.description or ""
            assert any("가" <= letter <= "힣" for letter in words), words
            assert any("a" <= letter <= "z" for letter in words), words
