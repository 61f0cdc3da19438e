"""Sieges of a real system, of few users and seconds: what they find is true, whatever it is."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from typer.testing import CliRunner, Result

from bff import app as bff
from bff.settings import BffSettings
from compose.cli import app
from compose.ops import addresses
from compose.ops.levers import pull
from compose.siege import laying, target, truth
from compose.siege.answers import GOOD, PLACED, UNAVAILABLE
from compose.siege.plan import Plan, Span
from tests.bff.conftest import AWAY
from tests.bff.serving import serving
from tests.compose.ops.interrupting import COMMAND
from tests.conftest import Place
from tests.stories.conftest import recovered
from tests.stories.stack import Stack
from tests.waiting import until

SHORT = ("--users", "5", "--seconds", "2", "--payment", "20-40")


async def laid(stack: Stack, *arguments: str) -> Result:
    command = ["siege", "--directory", str(stack.directory), *arguments]
    return await asyncio.to_thread(CliRunner().invoke, app, command)


async def levers(stack: Stack) -> Any:
    where = addresses.found(stack.directory, os.environ)
    return await asyncio.to_thread(pull, where.payment, where.shows("payment"), {})


async def test_a_siege_that_the_system_withstands(stack: Stack, tmp_path: Path) -> None:
    before = await levers(stack)
    result = await laid(stack, *SHORT, "--plot", str(tmp_path / "plot.html"))
    assert result.exit_code == 0, result.output
    assert "100.00%" in result.output
    assert "CPU of bff" in result.output
    assert ", 0 untrue" in result.output
    assert ", 0 broken" in result.output
    ElementTree.fromstring((tmp_path / "plot.html").read_text().partition("\n")[2])  # noqa: S314 - ours
    assert await levers(stack) == before


async def test_nobody_is_limited_though_each_orders_more_than_a_customer_may(stack: Stack) -> None:
    result = await laid(stack, "--users", "2", "--seconds", "3", "--payment", "0", "--no-audit", "--json")
    said = json.loads(result.stdout)
    assert result.exit_code == 0, result.output
    assert set(said["outcomes"]) == {PLACED}
    assert said["limit"] is None


async def test_over_capacity_a_polite_refusal_is_a_good_answer(stack: Stack) -> None:
    try:
        over = (
            "--users",
            "20",
            "--seconds",
            "3",
            "--payment",
            "20",
            "--failing",
            "100",
            "--patient",
            "--json",
        )
        result = await laid(stack, *over)
    finally:
        await recovered(stack)
    said = json.loads(result.stdout)
    assert result.exit_code == 0, result.output
    assert said["outcomes"][UNAVAILABLE] == said["transactions"] >= 20
    assert said["availability"] == 1
    assert said["breaker_openings"] >= 1
    assert said["audit"]["untrue"] == []


async def test_a_gateway_without_tokens_is_said_to_be_so(stack: Stack, place_without_broker: Place) -> None:
    before = await levers(stack)
    settings = place_without_broker.settings(BffSettings, **AWAY, bff_dev_login=False)
    async with serving(bff.build(settings), bff.wire(settings)) as address:
        result = await laid(stack, *SHORT, "--url", f"http://{address}")
    assert result.exit_code == 2
    assert result.output == (
        "fruitstore: The gateway gives nobody a token here: let it with BFF_DEV_LOGIN=true.\n"
    )
    assert await levers(stack) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
async def test_interrupted_it_puts_the_levers_back(stack: Stack, number: signal.Signals) -> None:
    before = await levers(stack)
    arguments = ("siege", "--directory", str(stack.directory), "--users", "2", "--payment", "77")
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", COMMAND, *arguments)
    try:
        await until(lambda: _has_pulled(stack, 77), timeout=30)
        process.send_signal(number)
        assert await process.wait() == 130
    finally:
        if process.returncode is None:
            process.kill()
    assert await levers(stack) == before


async def _has_pulled(stack: Stack, milliseconds: int) -> bool:
    return bool((await levers(stack)).latency_ms_min == milliseconds)


async def test_what_was_told_and_is_no_longer_so_is_found(stack: Stack) -> None:
    plan, where = Plan(2, 1, Span(20, 40)), addresses.found(stack.directory, os.environ)
    url = target.gateway(None, stack.directory, {})
    siege = await asyncio.to_thread(laying.lay, plan, url, where, stack.directory, lambda *_: None)
    assert set(siege.figures.kinds) <= set(GOOD)
    assert (await truth.look(where, siege.tally)).clean
    order_id = next(order_id for order_id, kind in siege.tally.told.items() if kind == PLACED)
    mongo: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(stack.state()["mongo_url"])
    orders = mongo["fruitstore_order"]["orders"]
    lost = await orders.find_one_and_delete({"_id": order_id})
    try:
        aftermath = await truth.look(where, siege.tally)
        assert aftermath.untrue == (f"order {order_id}: told OrderPlaced, and there is no such order",)
        assert not aftermath.clean
    finally:
        assert lost
        await orders.insert_one(lost)
        mongo.close()
