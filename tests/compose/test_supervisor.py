import itertools
import os
import signal
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from compose import probes
from compose.program import Program
from compose.supervisor import Supervisor
from compose.topology import Ports, Topology
from compose.trouble import Trouble
from tests.compose.standins import (
    ANSWERS,
    HANGS,
    HOPELESS,
    STUBBORN,
    Heard,
    are_gone,
    family,
    pid_of,
    says_farewell,
    standin,
    started_since,
)
from tests.ports import free_base
from tests.trust import SECRETS
from tests.waiting import until


async def test_what_dies_is_started_again_and_both_are_said(tmp_path: Path) -> None:
    heard = Heard()
    supervisor = Supervisor([standin("payment", free_base())], tmp_path, heard)
    async with supervisor.running():
        await supervisor.until_ready()
        first = pid_of(supervisor, "payment")
        os.kill(first, signal.SIGKILL)
        await until(lambda: heard.lines[-1] == "payment is back")
        assert pid_of(supervisor, "payment") != first
        assert supervisor.keepers["payment"].restarts == 1
    assert heard.lines == ["payment is ready", "payment died (signal 9), back in 0.2 s", "payment is back"]


async def test_the_pause_before_a_restart_grows(tmp_path: Path) -> None:
    heard = Heard()
    supervisor = Supervisor([standin("payment", free_base())], tmp_path, heard)
    async with supervisor.running():
        for restarts in range(3):
            await until(lambda n=restarts: supervisor.ready and supervisor.keepers["payment"].restarts == n)  # type: ignore[misc]
            os.kill(pid_of(supervisor, "payment"), signal.SIGTERM)
        await until(lambda: heard.lines.count("payment is back") == 3)
    died = [line for line in heard.lines if "died" in line]
    assert [line.split("back in ")[1] for line in died] == ["0.2 s", "0.4 s", "0.8 s"]


async def test_what_never_becomes_ready_is_given_up_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compose.keeper.FIRST_DELAY", 0.01)
    supervisor = Supervisor([standin("order", free_base(), HOPELESS)], tmp_path, Heard())
    with pytest.raises(Trouble, match=r"(?s)order died 5 times .*\(exit 1\).*the cat ate the settings"):
        async with supervisor.running():
            await supervisor.until_ready()


async def test_stopping_leaves_nothing_and_goes_tier_by_tier(tmp_path: Path) -> None:
    base = free_base()
    farewells = tmp_path / "farewells"
    programs = [
        standin("mongod", base, says_farewell(farewells, "mongod"), tier=2),
        standin("bff", base + 1, says_farewell(farewells, "bff")),
        standin("order", base + 2, says_farewell(farewells, "order"), tier=1),
    ]
    supervisor = Supervisor(programs, tmp_path, Heard())
    before = family(os.getpid())
    async with supervisor.running():
        await supervisor.until_ready()
        everything = started_since(before)
    assert are_gone(everything)
    assert farewells.read_text().split() == ["bff", "order", "mongod"]


async def test_what_does_not_stop_when_asked_is_killed_after_its_grace(tmp_path: Path) -> None:
    supervisor = Supervisor([standin("bff", free_base(), STUBBORN, grace=0.3)], tmp_path, Heard())
    async with supervisor.running():
        await supervisor.until_ready()
        stubborn = family(pid_of(supervisor, "bff"))
    assert are_gone(stubborn)


async def test_a_hurry_does_not_wait_for_the_grace_to_end(tmp_path: Path) -> None:
    supervisor = Supervisor([standin("bff", free_base(), STUBBORN, grace=60)], tmp_path, Heard())
    async with supervisor.running():
        await supervisor.until_ready()
        supervisor.hurry.set()
        began = time.monotonic()
    assert time.monotonic() - began < 10


async def test_what_needs_another_is_started_when_that_is_ready(tmp_path: Path) -> None:
    base = free_base()
    heard = Heard()
    programs = [standin("rabbitmq", base, after=("epmd",)), standin("epmd", base + 1)]
    supervisor = Supervisor(programs, tmp_path, heard)
    async with supervisor.running():
        await supervisor.until_ready()
    assert heard.lines == ["epmd is ready", "rabbitmq is ready"]


async def test_each_program_has_a_log(tmp_path: Path) -> None:
    base = free_base()
    talkative = "print('ten apples', flush=True)\n" + STUBBORN
    supervisor = Supervisor([standin("order", base, talkative, grace=0)], tmp_path, Heard())
    async with supervisor.running():
        await supervisor.until_ready()
    assert "ten apples" in (tmp_path / "order.log").read_text()


@pytest.fixture
def _watched_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compose.keeper.ALIVE_EVERY", 0.05)
    monkeypatch.setattr("compose.keeper.FAILURES", 3)


def watched(name: str, port: int, does: str = ANSWERS) -> Program:
    """A stand-in that is asked whether it is alive."""
    return standin(name, port, does, alive=partial(probes.answers_http, port, "/healthz", 0.5))


@pytest.mark.usefixtures("_watched_closely")
async def test_what_answers_no_more_is_killed_and_started_again(tmp_path: Path) -> None:
    heard = Heard()
    supervisor = Supervisor([watched("payment", free_base(), HANGS)], tmp_path, heard)
    async with supervisor.running():
        await supervisor.until_ready()
        hanging = family(pid_of(supervisor, "payment"))
        await until(lambda: "payment is back" in heard.lines)
        assert are_gone(hanging)
    assert heard.lines[:3] == [
        "payment is ready",
        "payment died (did not answer any more), back in 0.2 s",
        "payment is back",
    ]


@pytest.mark.usefixtures("_watched_closely")
async def test_what_is_stopped_is_killed_and_started_again(tmp_path: Path) -> None:
    heard = Heard()
    supervisor = Supervisor([watched("order", free_base())], tmp_path, heard)
    async with supervisor.running():
        await supervisor.until_ready()
        first = pid_of(supervisor, "order")
        os.killpg(first, signal.SIGSTOP)
        await until(lambda: "order is back" in heard.lines)
        assert pid_of(supervisor, "order") != first
    assert "order died (did not answer any more), back in 0.2 s" in heard.lines


@pytest.mark.usefixtures("_watched_closely")
async def test_what_only_falters_is_left_alone(tmp_path: Path) -> None:
    answers = itertools.cycle([False, False, True])
    asked = 0

    async def falters() -> bool:
        nonlocal asked
        asked += 1
        return next(answers)

    heard = Heard()
    supervisor = Supervisor([standin("order", free_base(), alive=falters)], tmp_path, heard)
    async with supervisor.running():
        await until(lambda: asked >= 12)
    assert heard.lines == ["order is ready"]


@pytest.mark.usefixtures("_watched_closely")
async def test_what_dies_by_itself_is_not_said_to_have_hung(tmp_path: Path) -> None:
    heard = Heard()
    supervisor = Supervisor([watched("order", free_base())], tmp_path, heard)
    async with supervisor.running():
        await supervisor.until_ready()
        os.kill(pid_of(supervisor, "order"), signal.SIGKILL)
        await until(lambda: "order is back" in heard.lines)
    assert heard.lines[1] == "order died (signal 9), back in 0.2 s"


@pytest.mark.usefixtures("_watched_closely")
async def test_a_part_whose_servers_are_away_is_left_alone(tmp_path: Path) -> None:
    port, nowhere = free_base(), free_base()
    away = {"MONGO_URL": f"mongodb://127.0.0.1:{nowhere}", "RABBITMQ_URL": f"amqp://127.0.0.1:{nowhere}"}
    programs = Topology(tmp_path, Ports.counting_from(port - 1), away).programs(SECRETS)
    order = next(program for program in programs if program.name == "order")
    alive, asked = order.alive, 0
    assert alive

    async def counted() -> bool:
        nonlocal asked
        asked += 1
        return await alive()

    heard = Heard()
    supervisor = Supervisor([replace(order, ready=alive, alive=counted)], tmp_path, heard)
    async with supervisor.running():
        await until(lambda: asked > 20, timeout=60)
    assert heard.lines == ["order is ready"]
