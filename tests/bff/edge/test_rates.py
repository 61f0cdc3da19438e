"""How often who may come, with a clock that the test moves."""

from dataclasses import dataclass
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from bff.edge.metrics import EdgeMetrics
from bff.edge.rates import LEAST, REFUSAL, Buckets, Rates, Who, place
from bff.graph.errors import CodedError
from bff.settings import BffSettings
from tests.bff.asking import SECRET

ANNA, BERTA = Who("198.51.100.1", "anna"), Who("198.51.100.1", "berta")
NOBODY = Who("198.51.100.1", None)


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def rates(clock: Clock, **settings: Any) -> Rates:
    told = BffSettings(auth_jwt_secret=SECRET, **settings)
    return Rates.of(told, EdgeMetrics(CollectorRegistry()), clock)


def wait(refused: pytest.ExceptionInfo[CodedError]) -> int:
    details = refused.value.extensions or {}
    assert details["code"] == "RATE_LIMITED"
    return int(details["retryAfterMs"])


def test_a_burst_fits_and_then_only_what_leaks_out(clock: Clock) -> None:
    buckets = Buckets(60, 3, clock=clock)
    for _ in range(3):
        assert buckets.wait("anna", 1) == 0
        buckets.put("anna", 1)
    assert buckets.wait("anna", 1) == pytest.approx(1)
    assert buckets.wait("berta", 1) == 0
    clock.now += 1
    assert buckets.wait("anna", 1) == pytest.approx(0)
    assert buckets.wait("anna", 2) == pytest.approx(1)
    clock.now += 1000
    assert buckets.wait("anna", 3) == 0


def test_what_is_more_than_a_bucket_holds_fits_an_empty_one(clock: Clock) -> None:
    buckets = Buckets(60, 3, clock=clock)
    assert buckets.wait("anna", 5) == 0
    buckets.put("anna", 5)
    assert buckets.wait("anna", 1) == pytest.approx(3)


def test_no_debt_grows_beyond_twice_a_bucket(clock: Clock) -> None:
    buckets = Buckets(60, 3, clock=clock)
    for _ in range(100):
        buckets.put("anna", 3)
    assert buckets.wait("anna", 3) == pytest.approx(6)


def test_whoever_has_not_come_for_longest_is_forgotten_first(clock: Clock) -> None:
    buckets = Buckets(60, 1, clock=clock, remembered=3)
    for name in ("anna", "berta", "carla", "anna", "dora"):
        buckets.put(name, 1)
    assert len(buckets) == 3
    assert buckets.wait("berta", 1) == 0
    assert all(buckets.wait(name, 1) > 0 for name in ("anna", "carla", "dora"))


def test_a_customer_who_spends_too_much_waits_and_another_does_not(clock: Clock) -> None:
    limits = rates(clock, bff_rate_customer_a_minute=6000, bff_rate_customer_burst=1000)
    limits.come(ANNA)
    limits.read(ANNA, 1000, 0)
    with pytest.raises(CodedError) as refused:
        limits.come(ANNA)
    assert wait(refused) == LEAST / 100 * 1000
    limits.come(BERTA)
    clock.now += LEAST / 100
    limits.come(ANNA)


def test_what_is_refused_for_its_cost_has_taken_no_more_than_the_least(clock: Clock) -> None:
    limits = rates(clock, bff_rate_customer_a_minute=6000, bff_rate_customer_burst=1000)
    limits.come(ANNA)
    limits.read(ANNA, 500, 0)
    limits.come(ANNA)
    with pytest.raises(CodedError):
        limits.read(ANNA, 900, 0)
    limits.read(ANNA, 450, 0)


def test_those_who_are_not_signed_in_share_their_address(clock: Clock) -> None:
    limits = rates(clock, bff_rate_anonymous_a_minute=6000, bff_rate_anonymous_burst=LEAST)
    limits.come(NOBODY)
    with pytest.raises(CodedError):
        limits.come(NOBODY)
    limits.come(ANNA)
    limits.come(Who("198.51.100.2", None))


def test_all_of_an_address_share_a_generous_bucket(clock: Clock) -> None:
    limits = rates(clock, bff_rate_address_a_minute=6000, bff_rate_address_burst=2 * LEAST)
    for who in (ANNA, BERTA):
        limits.come(who)
    with pytest.raises(CodedError):
        limits.come(Who(ANNA.address, "carla"))
    limits.come(Who("198.51.100.2", "anna"))


def test_orders_are_counted_apart(clock: Clock) -> None:
    limits = rates(clock, bff_rate_placing_a_minute=60, bff_rate_placing_burst=3)
    limits.read(ANNA, 1000, 2)
    with pytest.raises(CodedError) as refused:
        limits.read(ANNA, 1000, 2)
    assert wait(refused) == 1000
    limits.read(ANNA, 100, 0)
    limits.read(ANNA, 1000, 1)


def test_reading_for_nothing_is_paid_for(clock: Clock) -> None:
    limits = rates(clock, bff_rate_anonymous_a_minute=6000, bff_rate_anonymous_burst=REFUSAL)
    limits.refused(NOBODY)
    with pytest.raises(CodedError) as refused:
        limits.come(NOBODY)
    assert wait(refused) == LEAST / 100 * 1000


def test_connections_are_counted_by_address(clock: Clock) -> None:
    limits = rates(clock, bff_rate_connections_a_minute=60, bff_rate_connections_burst=2)
    limits.connect("198.51.100.1")
    limits.connect("198.51.100.1")
    with pytest.raises(CodedError) as refused:
        limits.connect("198.51.100.1")
    assert wait(refused) == 1000
    limits.connect("198.51.100.2")


def test_whoever_signs_in_is_not_counted_among_those_who_connect(clock: Clock) -> None:
    limits = rates(clock, bff_rate_connections_a_minute=60, bff_rate_connections_burst=2)
    for _ in range(10):
        limits.connect("198.51.100.1")
        limits.signed_in("198.51.100.1")
    limits.connect("198.51.100.1")
    limits.connect("198.51.100.1")
    with pytest.raises(CodedError):
        limits.connect("198.51.100.1")


def test_tokens_that_are_no_good_are_counted_by_address(clock: Clock) -> None:
    limits = rates(clock, bff_rate_sign_ins_a_minute=60, bff_rate_sign_ins_burst=2)
    limits.bad_token("198.51.100.1")
    limits.bad_token("198.51.100.1")
    with pytest.raises(CodedError) as refused:
        limits.bad_token("198.51.100.1")
    assert wait(refused) == 1000
    limits.bad_token("198.51.100.2")
    clock.now += 1
    limits.bad_token("198.51.100.1")


def test_strangers_take_nothing_from_customers_of_the_same_address(clock: Clock) -> None:
    limits = rates(clock, bff_rate_anonymous_burst=2 * LEAST, bff_rate_address_burst=2 * LEAST)
    limits.come(Who(ANNA.address, None))
    limits.come(Who(ANNA.address, None))
    with pytest.raises(CodedError):
        limits.come(Who(ANNA.address, None))
    limits.come(ANNA)


def test_switched_off_nothing_is_limited_nor_remembered(clock: Clock) -> None:
    limits = rates(clock, bff_rates=False, bff_rate_customer_burst=1, bff_rate_connections_burst=1)
    for _ in range(5):
        limits.come(ANNA)
        limits.read(ANNA, 10_000, 9)
        limits.refused(ANNA)
        limits.connect(ANNA.address)
        limits.bad_token(ANNA.address)
    assert not len(limits.customer)


@pytest.mark.parametrize(
    ("address", "whom"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("fe80::1%eth0", "fe80::"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_ipv6_network_is_one_subscriber(address: str, whom: str) -> None:
    assert place(address) == whom


def test_the_defaults_suffice_for_a_person_and_for_a_page_of_them(clock: Clock) -> None:
    """Somebody who looks at a page of 20 each second, orders every other second for 20 s, and never waits."""
    limits = rates(clock)
    for second in range(60):
        limits.come(ANNA)
        limits.read(ANNA, 1500, 1 if second < 20 and second % 2 else 0)
        clock.now += 1
