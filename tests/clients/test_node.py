"""The clients that tests are driven by: installed from a lock that names no place, and listened to."""

import json

import pytest

from tests.clients.node import HERE, run_node, running_node


def test_the_lock_names_no_place_that_packages_come_from() -> None:
    packages = json.loads((HERE / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for name, package in packages.items() if name)


async def test_a_script_says_what_it_has_to_say() -> None:
    assert await run_node("echo.mjs", "사과", "7") == [{"argument": "사과"}, {"argument": "7"}]


async def test_a_script_can_be_talked_with() -> None:
    async with running_node("echo.mjs", "-") as node:
        for word in ("one", "two"):
            await node.says(word)
            assert await node.hears() == {"line": word}


async def test_a_script_that_breaks_breaks_its_test() -> None:
    with pytest.raises(AssertionError, match="nothing to say"):
        await run_node("echo.mjs")
