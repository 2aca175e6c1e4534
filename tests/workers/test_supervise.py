"""Workers are kept alive, and end when they are asked to."""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workers.supervise import HOPELESS, LONG_ENOUGH, Kept, Supervisor


def _kept(script: str, *arguments: object) -> Kept:
    return Kept("test", [sys.executable, "-c", script, *map(str, arguments)], {"TOLD": "by the supervisor"})


def _run_until(supervisor: Supervisor, reached: Callable[[], bool], number: int = signal.SIGTERM) -> int:
    def wait_and_end() -> None:
        deadline = time.monotonic() + 20
        while not reached() and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(os.getpid(), number)

    threading.Thread(target=wait_and_end, daemon=True).start()
    return supervisor.run()


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_a_worker_that_is_killed_is_started_again(tmp_path: Path) -> None:
    log = tmp_path / "starts"
    kept = _kept(
        "import os, sys; open(sys.argv[1], 'a').write(os.environ['TOLD'] + '\\n'); os.kill(os.getpid(), 9)", log
    )
    assert _run_until(Supervisor([kept]), lambda: len(_lines(log)) >= 3) == 0
    assert set(_lines(log)) == {"by the supervisor"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_workers_are_asked_to_end_and_waited_for(tmp_path: Path, number: int) -> None:
    script = """
import signal, sys, time
def end(*_):
    time.sleep(0.2)
    open(sys.argv[1], 'a').write('ended\\n')
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
open(sys.argv[1], 'a').write('ready\\n')
while True: time.sleep(1)
"""
    logs = [tmp_path / "one", tmp_path / "two"]
    supervisor = Supervisor([_kept(script, log) for log in logs])
    assert _run_until(supervisor, lambda: all(_lines(log) for log in logs), number) == 0
    assert [_lines(log) for log in logs] == [["ready", "ended"]] * 2


def test_a_worker_that_can_never_start_ends_the_others_too() -> None:
    stays = _kept("import time; time.sleep(60)")
    assert Supervisor([stays, _kept(f"raise SystemExit({HOPELESS})")]).run() == HOPELESS
    assert stays.process is not None
    assert stays.process.returncode == -signal.SIGTERM


def test_one_that_does_not_listen_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
open(sys.argv[1], 'a').write('ready\\n')
while True: time.sleep(1)
"""
    held, reached = os.pipe()
    kept = _kept(script, log)
    kept.grace, kept.pass_fds = 0.1, [reached]
    assert _run_until(Supervisor([kept]), lambda: len(_lines(log)) == 2) == 0
    os.close(reached)
    assert select.select([held], [], [], 10)[0] == [held]  # nobody has the other end any more
    assert os.read(held, 1) == b""
    os.close(held)


def test_one_with_a_longer_grace_is_waited_for_when_another_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = """
import signal, sys, time
def end(*_):
    time.sleep(float(sys.argv[2]))
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
open(sys.argv[1], 'a').write('ready\\n')
while True: time.sleep(1)
"""
    patient, deaf = _kept(script, log, 1), _kept(script, log, 60)
    patient.grace, deaf.grace = 20, 0.1
    assert _run_until(Supervisor([patient, deaf]), lambda: len(_lines(log)) == 2) == 0
    codes = [kept.process.returncode for kept in (patient, deaf) if kept.process is not None]
    assert codes == [0, -signal.SIGKILL]


@pytest.mark.parametrize(("first_code", "seen"), [(1, None), (HOPELESS, HOPELESS)])
def test_only_one_that_never_ran_well_is_given_up_when_it_cannot_start(first_code: int, seen: int | None) -> None:
    kept = _kept("")
    codes = []
    for code in (first_code, HOPELESS, HOPELESS):
        kept.command = [sys.executable, "-c", f"raise SystemExit({code})"]
        kept.start()
        assert kept.process is not None
        kept.process.wait()
        kept.started -= LONG_ENOUGH  # it took its time, for work or for a model that did not load
        codes.append(kept.look())
    assert codes == [seen] * 3


def test_what_the_others_need_ends_last(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = """
import signal, sys, time
def end(*_):
    time.sleep(float(sys.argv[3]))
    open(sys.argv[1], 'a').write(sys.argv[2] + ' ended\\n')
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
open(sys.argv[1], 'a').write('ready\\n')
while True: time.sleep(1)
"""
    first, last = _kept(script, log, "first", 0.3), _kept(script, log, "last", 0)
    last.ends_last = True
    assert _run_until(Supervisor([last, first]), lambda: len(_lines(log)) == 2) == 0
    assert _lines(log) == ["ready", "ready", "first ended", "last ended"]
