"""How late mypage is, from two readings of a histogram and more."""

from prometheus_client import CollectorRegistry, Histogram

from bff.ops.lag import Lag
from bff.ops.numbers import Numbers

NOTHING = {"lagSeconds": None, "quantiles": None}


class Mypage:
    """A mypage of which only the histogram exists."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._histogram = Histogram(
            "projection_lag_seconds", "Lag.", registry=self.registry, buckets=(0.1, 0.2, 1)
        )

    def takes_in(self, *lags: float) -> "Mypage":
        for lag in lags:
            self._histogram.observe(lag)
        return self

    @property
    def numbers(self) -> Numbers:
        names = (f"projection_lag_seconds_{each}" for each in ("count", "sum", "bucket"))
        return Numbers.own(self.registry, *names)


def test_of_one_reading_nothing_is_known() -> None:
    assert Lag().read(100, Mypage().takes_in(5).numbers) == NOTHING


def test_the_mean_is_of_what_came_within_ten_seconds_and_quantiles_are_of_a_minute() -> None:
    lag, mypage = Lag(), Mypage().takes_in(0.9, 0.9)
    lag.read(100, mypage.numbers)
    assert lag.read(115, mypage.takes_in(0.15, 0.15, 0.15, 0.15).numbers)["lagSeconds"] is None
    said = lag.read(120, mypage.takes_in(0.05, 0.03, 0.04, 0.04).numbers)
    assert round(said["lagSeconds"], 6) == 0.04
    assert {name: round(value, 6) for name, value in said["quantiles"].items()} == {
        "p50": 0.1,
        "p95": 0.19,
        "p99": 0.198,
    }
    assert lag.read(125, mypage.numbers)["lagSeconds"] == said["lagSeconds"]
    assert lag.read(140, mypage.numbers)["lagSeconds"] is None
    assert lag.read(170, mypage.numbers)["quantiles"]["p99"] < 0.1
    assert lag.read(250, mypage.numbers) == NOTHING


def test_beyond_the_last_bound_nothing_is_claimed() -> None:
    lag, mypage = Lag(), Mypage()
    lag.read(100, mypage.numbers)
    assert lag.read(101, mypage.takes_in(70).numbers) == {
        "lagSeconds": 70,
        "quantiles": {"p50": 1, "p95": 1, "p99": 1},
    }


def test_a_mypage_that_has_begun_anew_or_says_nothing_tells_nothing() -> None:
    lag = Lag()
    lag.read(100, Mypage().takes_in(1, 2, 3).numbers)
    assert lag.read(101, None) == NOTHING
    assert lag.read(102, Mypage().takes_in(4).numbers) == NOTHING
