"""Operations made up from the schema get answers: data, or errors that are documented."""

from tests.hostile.fuzz import fuzzed
from tests.hostile.leaks import leaked_to_log
from tests.hostile.target import Target


async def test_whatever_can_be_asked_by_the_schema_is_answered(target: Target) -> None:
    seen = await fuzzed(target, examples=200, seed=1)
    assert seen.examples >= 200
    assert not seen.unexpected, "\n".join(seen.unexpected[:10])
    assert any("data" in kind for kind in seen.answers), "nothing was answered with data"
    assert leaked_to_log(target.log.read_text()) == []
