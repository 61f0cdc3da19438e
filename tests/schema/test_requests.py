import json
from typing import Any

import pytest
from pydantic import ValidationError

from schema.requests import MAX_ADDRESS, MAX_ID, MAX_QUANTITY, PlaceOrder, SandboxLevers
from tests import facts


@pytest.mark.parametrize(
    "good",
    [
        {"quantity": 1},
        {"quantity": MAX_QUANTITY},
        {"address": "x" * MAX_ADDRESS},
        {"address": "제주 🍊"},
        {"idempotency_key": "k" * MAX_ID},
    ],
    ids=str,
)
def test_what_is_within_bounds_can_be_ordered(good: dict[str, Any]) -> None:
    assert facts.place_order(**good).model_dump().items() >= good.items()


@pytest.mark.parametrize(
    "bad",
    [
        {"quantity": 0},
        {"quantity": -1},
        {"quantity": MAX_QUANTITY + 1},
        {"quantity": 1.5},
        {"address": ""},
        {"address": "  \n "},
        {"address": "x" * (MAX_ADDRESS + 1)},
        {"address": "half a pair: \ud83c"},
        {"customer_id": "\udfff"},
        {"customer_id": ""},
        {"idempotency_key": ""},
        {"idempotency_key": "k" * (MAX_ID + 1)},
        {"payment_method": None},
    ],
    ids=ascii,
)
def test_what_is_out_of_bounds_cannot_be_ordered(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        facts.place_order(**bad)


def test_half_a_surrogate_pair_is_refused_in_json_too() -> None:
    said = facts.place_order().model_dump() | {"address": "\ud83c"}
    with pytest.raises(ValidationError):
        PlaceOrder.model_validate_json(json.dumps(said))


def test_blanks_around_an_address_are_not_part_of_it() -> None:
    assert facts.place_order(address="  서울 1\n").address == "서울 1"


def test_the_shortest_charge_is_not_longer_than_the_longest() -> None:
    with pytest.raises(ValidationError):
        SandboxLevers(latency_ms_min=2, latency_ms_max=1)
