"""The fruit on sale, from a data file."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter

from schema.fruit import Fruit

FILE = Path(__file__).with_name("catalogue.json")


def load(file: Path = FILE) -> Mapping[str, Fruit]:
    """The fruit by id, in the file's order. Raises ValidationError where the file is wrong."""
    fruits = TypeAdapter(list[Fruit]).validate_json(file.read_bytes())
    return {fruit.id: fruit for fruit in fruits}
