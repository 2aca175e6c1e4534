import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

import workers.__main__
import workers.pool
from api.running import Running, address_of, announced, keep_key, make_private
from core.settings import Settings
from tests.api.commands.conftest import machine_in


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A folder with a key in it, on a machine on which nothing else runs."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "data"
    folder.mkdir()
    keep_key(folder, "found-here")
    return Settings(data_dir=folder)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9000", "http://[::1]:9000", "http://localhost:9000", f"http://{socket.gethostname()}:9000"],
)
def test_a_service_of_this_machine_is_found_with_the_key_beside_it(url: str, settings: Settings) -> None:
    with announced(Running(url, 1, str(settings.data_dir)), to_all=False):
        assert address_of(settings) == (url, "found-here")


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1:9000",
        "http://folioscope.example:9000",
        "https://127.0.0.1:9000",
        "http://127.0.0.1:9000@192.0.2.1:9000",
        "http://a@192.0.2.1@127.0.0.1:9000",
        "http://[127.0.0.1:9000",
        "",
    ],
)
def test_a_file_in_a_folder_leads_to_no_other_machine(url: str, settings: Settings) -> None:
    with announced(Running(url, 1, str(settings.data_dir)), to_all=False):
        assert address_of(settings)[0] == "http://127.0.0.1:8470"


def test_a_file_in_a_folder_gets_no_key_from_another_folder(settings: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    keep_key(other, "secret")
    with announced(Running("http://127.0.0.1:9000", 1, str(settings.data_dir)), to_all=False):
        place = settings.data_dir / "service.json"
        place.write_text(place.read_text().replace(str(settings.data_dir), str(other)))
        assert address_of(settings) == ("http://127.0.0.1:9000", "found-here")


def test_what_somebody_else_left_in_this_folder_is_passed_over(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = Running("http://127.0.0.1:9000", 1, str(settings.data_dir))
    mine = Running("http://127.0.0.1:9001", 2, str(tmp_path / "mine"))
    (tmp_path / "mine").mkdir()
    keep_key(tmp_path / "mine", "my-own")
    with announced(theirs, to_all=False):
        owner = os.getuid()
        monkeypatch.setattr("os.getuid", lambda: owner + 1)
        assert address_of(settings) == ("http://127.0.0.1:8470", None)
        monkeypatch.undo()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with announced(mine, to_all=True):
        assert address_of(settings) == ("http://127.0.0.1:8470", "found-here")
        assert address_of(settings.model_copy(update={"data_dir": tmp_path / "none"})) == (mine.url, "my-own")


def test_what_any_command_makes_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / ".folioscope").mkdir(mode=0o755)
    done = machine_in(tmp_path).run("migrate")
    assert done.returncode == 0, done.stderr
    kept = [path for path in (tmp_path / ".folioscope").rglob("*") if path.is_file()]
    assert kept
    assert {path.stat().st_mode & 0o077 for path in kept} == {0}


@pytest.mark.parametrize("main", [workers.__main__.main, workers.pool.main], ids=["all", "pool"])
def test_what_a_worker_makes_is_its_owners_alone(main: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["worker", "--help"])
    before = os.umask(0o022)
    try:
        with pytest.raises(SystemExit):
            main()
    finally:
        assert os.umask(before) == 0o077


def test_a_data_folder_that_others_could_enter_is_closed_and_one_with_other_things_in_it_is_left(
    tmp_path: Path,
) -> None:
    for name in ("folioscope.db", "vacation.jpg"):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        folder.chmod(0o755)
        (folder / name).touch()
        make_private(folder)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("folioscope", "vacation")] == [0o700, 0o755]
