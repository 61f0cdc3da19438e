import fnmatch

from schema import channels
from tests import facts


def hearers(type_: str) -> set[str]:
    return {
        hearer
        for hearer, keys in channels.HEARS.items()
        if any(fnmatch.fnmatchcase(type_, key) for key in keys)
    }


def test_every_fact_is_heard_by_mypage() -> None:
    assert all("mypage" in hearers(fact.type) for fact in facts.every_kind())


def test_nobody_but_mypage_hears_itself() -> None:
    assert not [fact for fact in facts.every_kind() if fact.type.split(".")[0] in hearers(fact.type)]


def test_whoever_must_act_on_a_fact_hears_it() -> None:
    assert hearers("order.canceled") == {"payment", "mypage"}
    assert hearers("payment.approved") == hearers("payment.canceled") == {"delivery", "order", "mypage"}
    assert hearers("payment.declined") == {"order", "mypage"}
    assert hearers("delivery.completed") == {"order", "mypage"}
    assert hearers("order.placed") == {"mypage"}


def test_every_hearer_has_queues_of_its_own() -> None:
    names = [channels.queue_name(hearer) for hearer in channels.HEARS]
    names += [channels.dead_letter_queue_name(hearer) for hearer in channels.HEARS]
    assert len(set(names)) == 2 * len(channels.HEARS)
