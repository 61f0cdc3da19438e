"""Wrong secrets and nonsense: one sentence that says which, and an end; nothing is started or goes round."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.compose.containers.engine import EngineError, docker
from tests.compose.containers.looking import inspected
from tests.compose.containers.stack import IMAGE, Stack
from tests.waiting import until


@pytest.fixture
def other(stack: Stack, tmp_path: Path) -> Stack:
    """The same stack, as an operator sees it who has secrets of their own, which are the same at first."""
    return replace(stack, secrets=Path(shutil.copytree(stack.secrets, tmp_path / "secrets")))


def written(stack: Stack, name: str, text: str) -> None:
    file = stack.secrets / name
    file.chmod(0o644)
    file.write_text(text)


async def complaint_of_the_setup_job(stack: Stack) -> str:
    """What it says before it ends, which must be one line that names it, and not well."""
    with pytest.raises(EngineError) as refused:
        await stack.compose("run", "--rm", "--no-deps", "--no-TTY", "setup")
    (said,) = [line for line in str(refused.value).splitlines() if "fruitstore:" in line]
    assert "Traceback" not in str(refused.value)
    return said


@pytest.mark.parametrize("name", ["service_secret", "mongo_admin_password", "order_mongo_url"])
async def test_an_empty_secret_is_named(other: Stack, name: str) -> None:
    written(other, name, "")
    said = await complaint_of_the_setup_job(other)
    assert name.upper() in said
    assert "Secrets are made by compose/secrets.sh." in said


async def test_without_a_secret_s_file_nothing_is_started(other: Stack) -> None:
    (other.secrets / "service_secret").unlink()
    project = f"{other.project}-without"
    lacking = replace(other, project=project, port=other.port + 2)
    try:
        with pytest.raises(EngineError, match="service_secret"):
            await lacking.compose("up", "--detach", "--no-deps", "order")
        assert await lacking.containers("order") == []
    finally:
        await lacking.down()


@pytest.mark.parametrize("server", ["mongo", "rabbitmq"])
async def test_data_that_were_made_with_other_secrets_are_told_from_a_server_that_is_away(
    other: Stack, server: str
) -> None:
    written(other, f"{server}_admin_password", "another")
    said = await complaint_of_the_setup_job(other)
    assert f"lets nobody in with our {server}_admin_password: its data were made with other secrets" in said


@pytest.mark.parametrize(
    ("name", "value"), [("PREFETCH", "0"), ("BFF_PAYMENT_DEADLINE_MS", "x"), ("TRACE_SAMPLE_RATE", "2")]
)
async def test_a_setting_that_makes_no_sense_is_named(stack: Stack, name: str, value: str) -> None:
    said = await complaint_of_the_setup_job(replace(stack, told={**stack.told, name: value}))
    assert f"{name}: Input should be" in said


async def test_a_part_that_is_told_nonsense_says_so_in_a_line_and_ends_for_good() -> None:
    told = ("--env", "PREFETCH=0", "--env", "SERVICE_SECRET=a secret of 32 bytes, for nobody at all")
    run = ("run", "--detach", "--restart", "on-failure:2", *told, IMAGE, "python", "-m", "services.order.app")
    container = await docker(*run)
    try:

        async def ended() -> bool:
            state = await inspected(container)
            return (state["RestartCount"], state["State"]["Status"]) == (2, "exited")

        await until(ended, timeout=60, every=0.5)
        assert (await inspected(container))["State"]["ExitCode"] == 2
        said = (await docker("logs", container, both=True)).splitlines()
        assert said == ["setting PREFETCH: Input should be greater than or equal to 1"] * 3
    finally:
        await docker("rm", "--force", container)
