import time

import pytest
from graphql import GraphQLInputObjectType
from pydantic import ValidationError

from bff.graph import enums, place_order, root, texts
from bff.graph.texts import Language, Text, preferred
from schema.requests import PlaceOrder, ProblemCode
from schema.views import CANCELABLE, OrderStatus
from tests import facts

HOSTILE = [
    "," * 100_000,
    ";" * 100_000,
    "-" * 100_000,
    " " * 100_000,
    "en;q=" + "9" * 100_000,
    "en;q=0." + "1" * 100_000,
    "en" + ";q=0.5" * 20_000,
    "en-" * 30_000,
    "ko;q=0,en;q=0," * 10_000,
]


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        *((asked, "KO") for asked in (None, "", "ko", "ko-KR", "KO", "fr", "*", "fr, de;q=0.5")),
        *(
            (asked, "EN")
            for asked in ("en", "EN", "en-GB", "en-Latn-US", " en ", "fr, en", "fr;q=1, en;q=0.1")
        ),
        ("en;q=0.8, ko;q=0.9", "KO"),
        ("ko;q=0.3, en-GB;q=0.9", "EN"),
        ("ko, en", "KO"),
        ("en, ko", "EN"),
        ("en;q=0.5, ko;q=0.5", "EN"),
        ("en;q=0", "KO"),
        ("ko;q=0, en;q=0.1", "EN"),
        ("en;q=0, ko;q=0", "KO"),
        ("*, en;q=0.5", "EN"),
        ("en ; q=0.5", "EN"),
        ("en;Q=0.5", "EN"),
        ("en;q= 0.5", "KO"),
        ("en;q=0.", "KO"),
        ("ko;q=0.3333, en;q=1.000", "EN"),
        ("ko;q=0.1,, ,en;q=0.2,", "EN"),
        *((f"ko;q=0.1, en;q={q}", "KO") for q in ("", "x", "nan", "-1", "0x1", "inf", "1e9", "1.1", "9")),
        *(
            (asked, "KO")
            for asked in ("english", "e n", "en_GB", ";q=1", "=", "en;level=1;q=0.5", "\0", "\ud800")
        ),
    ],
)
def test_the_language_that_is_asked_for_is_spoken(asked: str | None, spoken: Language) -> None:
    assert preferred(asked) == spoken


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: f"{text[:9]}…")
def test_a_long_header_costs_no_more_than_it_is_long(hostile: str) -> None:
    began = time.process_time()
    preferred(hostile)
    assert time.process_time() - began < 0.5


def speaks(text: Text) -> bool:
    return set(text) == {"KO", "EN"} and all(said.strip() for said in text.values())


def test_every_status_and_every_fact_has_a_name_in_both_languages() -> None:
    assert {status for status, text in texts.STATUS.items() if speaks(text)} == set(OrderStatus)
    assert {status.name for status in enums.OrderStatus} == {status.name for status in OrderStatus}
    assert {name for name, text in texts.EVENT.items() if speaks(text)} == {
        kind.name for kind in enums.OrderEventType
    }


def test_every_kind_of_fact_can_be_shown() -> None:
    shown = {enums.OrderEventType[fact.type.replace(".", "_").upper()] for fact in facts.every_kind()}
    assert shown == set(enums.OrderEventType)


def test_every_problem_has_words_in_both_languages() -> None:
    assert {code for code, text in texts.PROBLEM.items() if speaks(text)} == set(ProblemCode)


def test_every_other_sentence_is_in_both_languages() -> None:
    sentences = [
        text
        for name, text in vars(texts).items()
        if name.isupper() and isinstance(text, dict) and "KO" in text
    ]
    assert len(sentences) == 7
    assert all(speaks(text) for text in [*sentences, *texts.NOT_CANCELABLE.values()])


def test_what_is_too_late_to_cancel_is_told_why() -> None:
    final = set(OrderStatus) - CANCELABLE - {OrderStatus.CANCELED}
    assert set(texts.NOT_CANCELABLE) == final


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"fruit_id": ""}, ProblemCode.REQUIRED),
        ({"address": " \n "}, ProblemCode.REQUIRED),
        ({"payment_method": ""}, ProblemCode.REQUIRED),
        ({"idempotency_key": "k" * 101}, ProblemCode.TOO_LONG),
        ({"address": "김" * 201}, ProblemCode.TOO_LONG),
        *(({"address": f"a{each}b"}, ProblemCode.NOT_VALID) for each in ("\x00", "\x1b", "\x7f")),
        ({"quantity": 0}, ProblemCode.OUT_OF_RANGE),
        ({"quantity": 1001}, ProblemCode.OUT_OF_RANGE),
        ({"quantity": -(2**31)}, ProblemCode.OUT_OF_RANGE),
        *(({field: "\ud800"}, ProblemCode.NOT_VALID) for field in ("fruit_id", "payment_method")),
        *(({field: "a\udfff"}, ProblemCode.NOT_VALID) for field in ("address", "idempotency_key")),
    ],
)
def test_every_way_not_to_be_an_order_has_a_name(changes: dict[str, object], code: ProblemCode) -> None:
    with pytest.raises(ValidationError) as refused:
        facts.place_order(**changes)
    problems = place_order._problems(refused.value).problems
    assert [(problem.field, problem.code) for problem in problems] == [(next(iter(changes)), code)]
    assert speaks(texts.PROBLEM[code])


def test_every_field_that_can_be_wrong_is_named_as_clients_wrote_it() -> None:
    known = {name: place_order.FIELDS.get(name, name) for name in PlaceOrder.model_fields}
    sent = _input_fields()
    assert sent == set(known.values()) - {"customer_id"}


def _input_fields() -> set[str]:
    kind = root.schema()._schema.type_map["PlaceOrderInput"]
    assert isinstance(kind, GraphQLInputObjectType)
    return set(kind.fields)
