"""Compiled execution gives what graphql-core gives: the same data, errors, paths and places."""

import warnings
from typing import Any

from hypothesis import HealthCheck, assume, given, settings

from tests.bff.compiled.differing import Pair
from tests.bff.compiled.documents import Asked, documents
from tests.bff.compiled.world import values

PAIR = Pair.of()


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(asked=documents(PAIR.ordinary._schema), value=values())
async def test_made_up_documents_and_values_give_the_same(asked: Asked, value: dict[str, Any]) -> None:
    assume(PAIR.is_valid(asked))
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # what nobody waits for where there is an error already
        assert await PAIR.differences(asked, value) == []
