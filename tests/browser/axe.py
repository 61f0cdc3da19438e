"""What axe-core finds at fault with a page, for people who do not see it or use no mouse."""

from functools import cache
from typing import Any

from playwright.async_api import Page

from compose import web

GRAVE = ("serious", "critical")


@cache
def _source() -> str:
    return (web.Sources().web / "node_modules" / "axe-core" / "axe.min.js").read_text()


async def faults(page: Page) -> list[str]:
    """Every serious or critical fault, a line each; run from outside, whatever the policy."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(_source())
    found: list[dict[str, Any]] = await page.evaluate(
        "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
    )
    grave = [fault for fault in found if fault["impact"] in GRAVE]
    return [_said(fault, node) for fault in grave for node in fault["nodes"]]


def _said(fault: dict[str, Any], node: dict[str, Any]) -> str:
    why = " / ".join(node["failureSummary"].splitlines()[1:])
    return f"{fault['id']}: {fault['help']}: {node['html']} ({why})"
