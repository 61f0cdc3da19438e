"""The table of a siege whose answers are known."""

import json

import pytest

from compose.siege.answers import NO_ANSWER, PENDING, PLACED, UNAVAILABLE
from compose.siege.breaker import Circuit
from compose.siege.table import advice, as_json, outcomes, rows
from compose.siege.tally import percentile
from tests.compose.siege.sieges import siege

HUNDRED = [(PLACED, number / 10, number / 1000) for number in range(100)]
"""A hundred in ten seconds, which took 0 to 99 ms."""


def test_it_says_what_siege_says() -> None:
    said = dict(rows(siege(HUNDRED)))
    assert said["Transactions"] == "100"
    assert said["Availability"] == "100.00%"
    assert said["Elapsed time"] == "10.00 s"
    assert said["Response time"] == "50 ms"
    assert said["Transaction rate"] == "10.00 /s"
    assert said["Concurrency"] == "0.49"
    assert (said["Longest transaction"], said["Shortest transaction"]) == ("99 ms", "0 ms")
    assert (said["p50"], said["p95"], said["p99"]) == ("49 ms", "94 ms", "98 ms")


def test_it_says_how_near_the_limit_the_orders_are_that_were_taken() -> None:
    said = dict(rows(siege([*HUNDRED, *[(UNAVAILABLE, 1, 0.001)] * 100])))
    assert said["Physical limit"] == "20.00 /s"
    assert said["Orders taken, of that"] == "50.00%"
    assert said["Transaction rate"] == "20.00 /s"


def test_what_comes_before_all_users_are_there_or_late_counts_for_no_rate() -> None:
    said = dict(rows(siege([*HUNDRED, (PLACED, -0.5, 0.1), (PLACED, 10.2, 0.1)])))
    assert said["Transactions"] == "102"
    assert said["Transaction rate"] == "10.00 /s"


def test_only_outcomes_are_good_answers() -> None:
    bad = [
        ("RATE_LIMITED", 1.0, 0.1),
        ("HTTP 502", 1.0, 0.1),
        (NO_ANSWER, 1.0, 0.1),
        ("InvalidOrder", 1.0, 0.1),
    ]
    found = siege([(PLACED, 0, 0.1), (PENDING, 0, 0.1), (UNAVAILABLE, 0, 0.1), (UNAVAILABLE, 0, 0.1), *bad])
    said = dict(rows(found))
    assert said["Availability"] == "50.00%"
    assert (said["Successful transactions"], said["Failed transactions"]) == ("4", "4")
    counts = dict(outcomes(found))
    assert counts[UNAVAILABLE] == "2 (25.00%)"
    assert counts["PaymentDeclined"] == "0 (0.00%)"
    assert [counts[kind] for kind, *_ in bad] == ["1 (12.50%)"] * 4
    assert "BFF_RATES=false make up" in "".join(advice(found))


def test_where_nobody_was_limited_nothing_is_advised() -> None:
    assert list(advice(siege(HUNDRED))) == []


def test_it_says_what_a_transaction_costs_the_load_and_each_part() -> None:
    said = dict(rows(siege(HUNDRED)))
    assert said["CPU of the load"] == "5.00 ms a transaction, 5.0% of a core"
    assert said["CPU of bff"] == "15.00 ms a transaction, 15.0% of a core"


def test_a_siege_without_any_answer_has_a_table_too() -> None:
    said = dict(rows(siege([])))
    assert (said["Transactions"], said["Availability"], said["p99"]) == ("0", "0.00%", "0 ms")


@pytest.mark.parametrize(
    ("shown", "openings"),
    [
        ([], "not told"),
        ([2, 2], "0"),
        ([2, 5], "3"),
        ([2, 0], "not told"),
    ],
    ids=["no metrics", "never opened", "opened", "began anew"],
)
def test_it_says_how_often_the_circuit_opened(shown: list[int], openings: str) -> None:
    circuit = Circuit()
    for at, count in enumerate(shown):
        circuit.take_in(b"payment_breaker_opened_total %d.0\n" % count, at)
    assert dict(rows(siege(HUNDRED, circuit=circuit)))["Breaker openings"] == openings


def test_the_same_for_programs() -> None:
    said = json.loads(json.dumps(as_json(siege(HUNDRED), None)))
    assert said["transactions"] == said["taken"] == 100
    assert said["outcomes"] == {"OrderPlaced": 100}
    assert (said["share_of_limit"], said["rate"], said["availability"]) == (0.5, 10, 1)
    assert said["p99_ms"] == pytest.approx(98)
    assert said["audit"] is None


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.25, 1), (0.26, 2), (0.5, 2), (0.99, 4), (1, 4)])
def test_a_percentile_is_the_least_that_so_many_do_not_surpass(share: float, value: float) -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], share) == value
