"""What front ends are told to do works, as it is written there."""

import re
import tempfile
from pathlib import Path

from bff.graph.codes import Code
from tests.clients.node import HERE, Json, Node, install_clients, running_node
from tests.stories.customer import Customer
from tests.stories.stack import Stack

PAGE = Path(__file__).parents[2] / "schema" / "FRONT_ENDS.md"
SNIPPET = re.compile(r"```js\n// (\w+\.mjs)\n(.*?)```", re.DOTALL)


def snippets(directory: Path) -> list[str]:
    """Write the page's snippets there; their names."""
    found = SNIPPET.findall(PAGE.read_text(encoding="utf-8"))
    for name, text in found:
        (directory / name).write_text(text, encoding="utf-8")
    return [name for name, _ in found]


def test_every_snippet_is_one_that_is_run() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("```js") == len(SNIPPET.findall(text)) == 5


def test_every_code_is_on_the_page() -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [str(code) for code in Code]


async def said(node: Node, **expected: object) -> Json:
    """Listen until something is said that looks so."""
    return (await all_said(node, expected))[0]


async def all_said(node: Node, *expected: Json) -> list[Json]:
    """Listen until something is said that looks like each of these, in whatever order."""
    heard: dict[int, Json] = {}
    while len(heard) < len(expected):
        told = await node.hears()
        for place, each in enumerate(expected):
            if each.items() <= told.items():
                heard.setdefault(place, told)
    return [heard[place] for place in range(len(expected))]


async def test_the_recipes_work_and_a_cut_connection_loses_nothing(customer: Customer, stack: Stack) -> None:
    install_clients()
    with tempfile.TemporaryDirectory(dir=HERE, prefix=".snippets-") as folder:
        snippets(Path(folder))
        arguments = (folder, f"{stack.http}/graphql", customer.token)
        async with running_node("front_ends.mjs", *arguments) as node:
            first = await said(node)
            assert first == {"outcome": "OrderPlaced", "stale": False, "shown": True}
            watched = await said(node, status="DELIVERING")
            await node.says("cut")
            await said(node, cut=True)
            assert await stack.deliver(str(watched["id"])) == 200
            delivered = {"id": watched["id"], "status": "DELIVERED"}
            await all_said(node, delivered, {"followed": "DELIVERED"})
            later = await customer.places()
            await said(node, id=later, status="DELIVERING")
            await node.says("end")
