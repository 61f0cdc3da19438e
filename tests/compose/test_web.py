"""The pages are built once for what they are made of, by whoever comes first, and swapped in whole."""

import asyncio
import json
import threading
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from compose import chromium, install, node
from compose.cli import app
from compose.swapping import swap
from compose.topology import ROOT
from compose.trouble import Trouble
from compose.web import OLDEST, Sources, build
from tests.compose.pages import FAILS, NEVER, SCRIPT, builders, is_gone, sources
from tests.waiting import until

needs_node = pytest.mark.skipif(
    not (node.runs(OLDEST) and node.installs()),
    reason="pages are built with Node.js 20.19 or newer and npm: `fruitstore install --for-tests`",
)


@pytest.fixture
def said() -> list[str]:
    return []


@needs_node
async def test_pages_are_built_once_and_again_when_anything_of_theirs_changes(
    tmp_path: Path, said: list[str]
) -> None:
    those = sources(tmp_path)
    await build(said.append, those)
    assert (those.dist / "index.html").read_text() == "<title>one</title>"
    assert (len(said), said[-1].startswith("The pages are built (")) == (2, True)
    for path, text in (
        (those.web / "index.html", "<title>two</title>"),
        (those.web / "src" / "more.ts", "export {}"),
        (those.schema / "exported" / "schema.graphql", "type Query { fruits: [ID] }"),
        (those.schema / "operations" / "More.graphql", "{ fruits }"),
        (those.web / "package.json", (those.web / "package.json").read_text() + "\n"),
    ):
        before = len(builders(those))
        await build(said.append, those)
        assert len(builders(those)) == before
        path.write_text(text)
        await build(said.append, those)
        assert len(builders(those)) == before + 1, path
    assert (those.dist / "index.html").read_text() == "<title>two</title>"
    assert sorted(path.name for path in those.web.iterdir() if path.name.startswith("dist")) == ["dist"]


@needs_node
async def test_what_is_no_source_changes_nothing(tmp_path: Path, said: list[str]) -> None:
    those = sources(tmp_path)
    await build(said.append, those)
    (those.web / "pages.py").write_text("# served by this")
    (those.web / "src" / "gql").mkdir()
    (those.web / "src" / "gql" / "graphql.ts").write_text("export {}")
    await build(said.append, those)
    assert len(builders(those)) == 1


@needs_node
async def test_of_two_at_once_one_builds_and_the_other_waits(tmp_path: Path, said: list[str]) -> None:
    those = sources(tmp_path)
    await asyncio.gather(build(said.append, those), build(said.append, those))
    assert len(builders(those)) == 1
    assert said.count("Waiting for another build of the pages…") == 1


@needs_node
async def test_a_build_that_fails_leaves_the_pages_as_they_were_and_says_where_to_look(
    tmp_path: Path, said: list[str]
) -> None:
    those = sources(tmp_path)
    await build(said.append, those)
    (those.web / "build.mjs").write_text(FAILS)
    with pytest.raises(Trouble, match=r"`npm run build` ended with 3, .*build\.log says why.*web build`;"):
        await build(said.append, those)
    assert "no such fruit" in (those.web / "build.log").read_text()
    assert (those.dist / "index.html").read_text() == "<title>one</title>"
    (those.web / "build.mjs").write_text(SCRIPT)
    (those.web / "index.html").write_text("<title>mended</title>")
    await build(said.append, those)
    assert (those.dist / "index.html").read_text() == "<title>mended</title>"


@needs_node
async def test_a_build_that_is_broken_off_leaves_nobody_running(tmp_path: Path, said: list[str]) -> None:
    those = sources(tmp_path, NEVER)
    building = asyncio.create_task(build(said.append, those))
    await until(lambda: bool(builders(those)), timeout=30)
    building.cancel()
    await asyncio.gather(building, return_exceptions=True)
    await until(lambda: is_gone(builders(those)[0]))
    assert not those.dist.exists()


async def test_where_there_is_nothing_to_build_it_is_told_in_a_sentence(
    tmp_path: Path, said: list[str]
) -> None:
    with pytest.raises(Trouble, match=r"The pages could not be built|Node\.js"):
        await build(said.append, Sources(tmp_path / "none", ROOT / "schema"))


@pytest.mark.parametrize("absent", ["node", "npm"])
def test_without_node_it_is_told_how_to_get_the_pages(monkeypatch: pytest.MonkeyPatch, absent: str) -> None:
    monkeypatch.setattr("compose.web.Sources.are_built", lambda _: False)
    monkeypatch.setattr("shutil.which", lambda name, **_: None if name == absent else f"/usr/bin/{name}")
    result = CliRunner().invoke(app, ["web", "build"])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "Node.js 20.19 or newer" in result.output
    assert "`fruitstore web build`" in result.output


@pytest.mark.parametrize(
    ("version", "is_enough"), [("v18.20.4", False), ("v20.9.0", False), ("v22.1.0", True)]
)
def test_an_old_node_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, is_enough: bool
) -> None:
    there = tmp_path / "node"
    there.write_text(f"#!/bin/sh\necho {version}\n")
    there.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert node.runs(OLDEST) is is_enough


def test_who_looks_while_folders_are_swapped_sees_one_or_the_other(tmp_path: Path) -> None:
    place, done, looks = tmp_path / "dist", threading.Event(), Counter[bool]()

    def fresh() -> Path:
        (tmp_path / "fresh").mkdir()
        (tmp_path / "fresh" / "mark").touch()
        return tmp_path / "fresh"

    def look() -> None:
        while not done.is_set():
            looks[place.is_dir()] += 1

    swap(fresh(), place)
    looking = threading.Thread(target=look)
    looking.start()
    for _ in range(200):
        swap(fresh(), place)
    done.set()
    looking.join()
    assert (looks[False], looks[True] > 100) == (0, True)
    assert [path.name for path in tmp_path.iterdir()] == ["dist"]


def test_where_folders_cannot_be_exchanged_they_are_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoExchange:
        def renameat2(self, *_: object) -> int:
            return -1

    monkeypatch.setattr("compose.swapping.ctypes.CDLL", lambda _: NoExchange())
    for name in ("fresh", "dist"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    swap(tmp_path / "fresh", tmp_path / "dist")
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["dist", "dist/fresh"]


def test_the_lock_names_no_place_that_packages_come_from() -> None:
    packages = json.loads((ROOT / "bff" / "web" / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for name, package in packages.items() if name)


@pytest.fixture
def no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("compose.chromium.find", lambda: None)


@pytest.mark.usefixtures("no_root")
def test_where_no_browser_can_be_installed_it_is_told_what_is_left_out_and_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    monkeypatch.setattr("compose.install.NEEDS", {"chromium": ("chromium", chromium.find)})
    install.have_if_possible(("chromium",), said.append)
    [sentence] = said
    assert "`sudo apt-get install --no-install-recommends chromium`" in sentence
    assert sentence.endswith("Until then the tests that need it are left out.")
