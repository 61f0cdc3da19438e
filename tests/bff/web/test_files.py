"""A build is read whole, whatever becomes of it meanwhile."""

import threading
from mmap import mmap
from pathlib import Path

from bff.web import files
from compose.swapping import swap
from tests.bff.web.building import build


def test_of_two_builds_that_take_turns_no_files_of_both_are_read(tmp_path: Path) -> None:
    place, done = tmp_path / "dist", threading.Event()
    swap(build(tmp_path / "fresh", mark=" 0"), place)

    def take_turns() -> None:
        turn = 0
        while not done.is_set():
            turn += 1
            swap(build(tmp_path / "fresh", mark=f" {turn}"), place)

    turns = threading.Thread(target=take_turns)
    turns.start()
    try:
        for _ in range(100):
            found = files.read(place)
            marks = {found[name].bodies["identity"][:].split()[-1] for name in ("index.html", "ops.html")}
            assert len(marks) == 1
    finally:
        done.set()
        turns.join()


def test_a_large_file_is_no_part_of_the_process_and_stays_what_it_was(tmp_path: Path) -> None:
    place = tmp_path / "dist"
    large = b"console.log('fruit');\n" * 20_000
    fresh = build(tmp_path / "fresh")
    (fresh / "assets" / "large-1a2b3c.js").write_bytes(large)
    swap(fresh, place)
    found = files.read(place)
    swap(build(tmp_path / "fresh"), place)
    kept = found["assets/large-1a2b3c.js"].bodies["identity"]
    assert not (place / "assets" / "large-1a2b3c.js").exists()
    assert isinstance(kept, mmap)
    assert kept[:] == large


def test_where_nothing_is_nothing_is_read(tmp_path: Path) -> None:
    assert files.read(tmp_path / "none") == {}
    (tmp_path / "file").touch()
    assert files.read(tmp_path / "file") == {}
