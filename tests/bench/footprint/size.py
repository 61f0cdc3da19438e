"""How much is measured."""

import argparse
from dataclasses import dataclass

BOUNDS = {
    "per_second": (20, 200, "orders placed per second"),
    "seconds": (30, 300, "length of each span: idle, ordering, saturated"),
    "rounds": (3, 20, "spans of ordering; the tables show their median"),
    "customers": (100, 1000, "customers who watch and order"),
    "at_once": (40, 200, "of them, those who order without rest to saturate it"),
    "pages": (300, 10_000, "pages of MyPage read"),
    "views": (3000, 100_000, "views announced that nobody watches"),
    "subscriptions": (1000, 5000, "subscriptions opened and left idle"),
}
"""What may be said, with its default, the most it may be, and what it means."""


@dataclass(frozen=True)
class Size:
    """As much as the command line says."""

    per_second: int = 20
    seconds: int = 30
    rounds: int = 3
    customers: int = 100
    at_once: int = 40
    pages: int = 300
    views: int = 3000
    subscriptions: int = 1000


SHORT = Size(per_second=4, seconds=1, rounds=1, customers=3, at_once=3, pages=4, views=100, subscriptions=5)


def options() -> argparse.ArgumentParser:
    """The command line, without its description."""
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="so little of each that it takes half a minute")
    for name, (default, at_most, meaning) in BOUNDS.items():
        text = f"{meaning}, at most {at_most} ({default})"
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default, help=text)
    return parser


def asked(said: argparse.Namespace) -> Size:
    """What is to be measured, within its bounds."""
    if said.short:
        return SHORT
    return Size(
        **{name: max(1, min(getattr(said, name), at_most)) for name, (_, at_most, _) in BOUNDS.items()}
    )
