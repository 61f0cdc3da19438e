"""The AsyncAPI documents are what AsyncAPI's own parser takes for such."""

from pathlib import Path

import pytest

from compose.export import DIRECTORY
from tests.clients.node import run_node

DOCUMENTS = sorted(DIRECTORY.glob("*.asyncapi.yaml"))


async def test_every_document_is_valid_and_has_channels() -> None:
    assert len(DOCUMENTS) == 5
    for said in await run_node("asyncapi.mjs", *map(str, DOCUMENTS)):
        assert said["errors"] == []
        assert said["channels"] > 0


@pytest.mark.parametrize(("was", "becomes"), [("asyncapi: ", "synapic: "), ("channels:", "canals:")])
async def test_what_is_not_valid_is_found(tmp_path: Path, was: str, becomes: str) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(DOCUMENTS[0].read_text().replace(was, becomes, 1))
    (said,) = await run_node("asyncapi.mjs", str(wrong))
    assert said["errors"]
