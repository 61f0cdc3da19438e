"""The mypage service on the real servers: facts in, views and announcements out."""

from collections.abc import Sequence

from schema.events import Event
from schema.projection import project
from schema.views import OrderView
from services.chassis import mongo
from services.chassis.bus import Bus
from services.mypage.app import build
from services.mypage.settings import MypageSettings
from tests import facts
from tests.conftest import Place
from tests.services.chassis.hearing import on, settings
from tests.services.serving import ready, serving
from tests.waiting import until


async def test_facts_told_before_it_ever_ran_become_a_page_and_are_announced(
    place: Place, database: mongo.Database
) -> None:
    story: list[Event] = [
        facts.started(),
        facts.approved(),
        facts.placed(),
        facts.completed(),
        facts.approved(),
    ]
    announced: list[OrderView] = []

    async def hear(views: Sequence[OrderView]) -> None:
        announced.extend(views)

    bus = Bus(settings(place.rabbitmq_url))
    bus.hear_changes("gateway", hear)
    async with on(bus):
        for fact in story:
            await bus.tell(fact)
        async with serving(build(place.settings(MypageSettings))) as client:
            await until(ready(client))
            await until(lambda: any(view.settled for view in announced))
            numbers = (await client.get("/metrics")).text
    document = await database.client[f"{database.name}_mypage"]["orders"].find_one({"_id": facts.ORDER})
    assert document is not None
    assert (document["status"], document["version"], document["settled"]) == ("DELIVERED", 4, True)
    assert max(announced, key=lambda view: view.version) == project(story)
    assert "projection_lag_seconds_count 5.0" in numbers
