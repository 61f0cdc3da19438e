"""What is pushed to a watcher belongs to the trace of whatever changed the order last."""

from bff.mailbox import Mailbox
from services.chassis.carried import Carried
from tests import facts
from tests.bff.reading import views
from tests.bff.test_feed import view
from tests.services.chassis.recording import Recorded, parent_id, trace_id


def cause(letter: str) -> Carried:
    return Carried(f"00-{letter * 32}-{letter * 16}-01")


async def test_a_push_is_a_span_of_the_latest_cause_and_ends_when_the_next_view_is_asked_for() -> None:
    recorded, mailbox = Recorded(), Mailbox(facts.CUSTOMER, None)
    recorded.attend()
    for version, letter in enumerate("ab", start=1):
        with cause(letter).resumed():
            mailbox.put(view(version))
    mailbox.put(view(order_id="order-2"))  # as a resync does, because of nothing
    coming = views(mailbox)
    await anext(coming)
    assert recorded.spans == []
    await anext(coming)
    push = recorded.named("push")
    assert (trace_id(push), parent_id(push)) == ("b" * 32, "b" * 16)
    assert len(recorded.spans) == 1
