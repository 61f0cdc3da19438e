from pathlib import Path

from compose.directory import claimed


def test_secrets_are_made_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    with claimed(tmp_path) as directory:
        first = directory.secrets()
    with claimed(tmp_path) as directory:
        assert directory.secrets() == first
    for name in ("jwt-secret", "service-secret"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
        assert len((tmp_path / name).read_text()) >= 32


def test_another_folder_has_other_secrets(tmp_path: Path) -> None:
    with claimed(tmp_path / "one") as one, claimed(tmp_path / "other") as other:
        assert one.secrets().jwt != other.secrets().jwt
        assert one.secrets().service != other.secrets().service


def test_fresh_forgets_what_earlier_runs_left_and_nothing_else(tmp_path: Path) -> None:
    with claimed(tmp_path) as directory:
        secrets = directory.secrets()
        (tmp_path / "mongo").mkdir()
        (tmp_path / "mongo" / "data").touch()
        (tmp_path / "letters.txt").touch()
    with claimed(tmp_path, fresh=True) as directory:
        assert not (tmp_path / "mongo").exists()
        assert (tmp_path / "letters.txt").exists()
        assert directory.secrets().jwt != secrets.jwt
        assert directory.secrets().service != secrets.service


def test_without_fresh_the_data_stay(tmp_path: Path) -> None:
    with claimed(tmp_path):
        (tmp_path / "mongo").mkdir()
    with claimed(tmp_path):
        assert (tmp_path / "mongo").exists()


def test_the_logs_of_the_last_run_are_put_aside(tmp_path: Path) -> None:
    with claimed(tmp_path) as directory:
        (directory.logs / "order.log").write_text("yesterday")
    with claimed(tmp_path) as directory:
        assert not (directory.logs / "order.log").exists()
        assert (directory.logs / "order.log.1").read_text() == "yesterday"


def test_a_state_that_a_killed_stack_left_is_dropped(tmp_path: Path) -> None:
    with claimed(tmp_path) as directory:
        directory.state.write_text("{}")
    with claimed(tmp_path) as directory:
        assert not directory.state.exists()
