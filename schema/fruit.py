"""What is sold: the only nouns that every room uses."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Won = Annotated[int, Field(ge=0, description="Korean won; there is no smaller unit.")]


class Fruit(BaseModel):
    """A fruit on sale, as the catalogue has it.

    An order keeps a copy: neither a new price nor a new name changes what was ordered.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name_ko: str
    name_en: str
    unit_price: Won


class Shipping(BaseModel):
    """What goes where: told with the approval, so that a delivery needs nobody's answer to start."""

    model_config = ConfigDict(frozen=True)

    address: str
    fruit_id: str
    quantity: int
