"""fruits: what is on sale. Anybody may ask."""

import strawberry

from bff.graph.context import Info
from bff.graph.types import Fruit


@strawberry.type
class FruitsQuery:
    """The field of Query that this file adds."""

    @strawberry.field(description="The fruit on sale, with today's price.")
    async def fruits(self, info: Info) -> list[Fruit]:
        return [Fruit.of(fruit) for fruit in await info.context.services.orders.fruits()]
