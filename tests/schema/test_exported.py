"""schema/exported says what the code says, and the API what clients were promised."""

from pathlib import Path

from graphql import build_schema
from graphql.utilities import find_breaking_changes

from bff.graph import root
from compose import export

CONTRACT = Path(__file__).with_name("contract.graphql")


def test_the_exports_say_what_the_code_says() -> None:
    assert export.drift() == []


def test_drift_is_noticed(tmp_path: Path) -> None:
    export.write(tmp_path)
    assert export.drift(tmp_path) == []
    (tmp_path / "schema.graphql").write_text("type Query { nothing: Int }")
    (tmp_path / "order.asyncapi.yaml").unlink()
    assert export.drift(tmp_path) == ["schema.graphql", "order.asyncapi.yaml"]


def test_the_api_keeps_all_that_clients_were_promised() -> None:
    promised = build_schema(CONTRACT.read_text(encoding="utf-8"))
    breaking = find_breaking_changes(promised, build_schema(root.schema().as_str()))
    assert [change.description for change in breaking] == []


def test_every_type_field_and_value_of_the_api_is_described_where_its_name_does_not_say_all() -> None:
    """Each type, and each field that takes part in an operation, has words for the playground."""
    for name, kind in build_schema(root.schema().as_str()).type_map.items():
        if not name.startswith("__") and name not in {"Int", "Float", "String", "Boolean", "ID"}:
            assert kind.description or name in {"Query", "Mutation", "Subscription"}, name
