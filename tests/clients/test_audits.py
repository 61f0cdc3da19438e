"""GraphQL over HTTP to the letter: the standard's own audits, as graphql-http brings them."""

from tests.bff.asking import token
from tests.bff.conftest import Open
from tests.clients.node import run_node


async def test_all_audits_of_graphql_over_http_pass(open_gateway: Open) -> None:
    async with open_gateway(bff_introspection=True) as gateway:
        audits = await run_node("audits.mjs", f"http://{gateway.address}/graphql", token())
    assert len(audits) == 61
    assert not [audit for audit in audits if audit["status"] != "ok"]
