"""What make says to a newcomer."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def make(target: str, at: Path, path: str) -> subprocess.CompletedProcess[str]:
    command = [shutil.which("make") or "make", "-f", str(ROOT / "Makefile"), target]
    return subprocess.run(command, cwd=at, env={"PATH": path}, capture_output=True, text=True, check=False)


def fake_python(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_a_python_that_is_too_old_is_named_with_what_to_do(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin", "python3", 'case "$1" in --version) echo Python 3.8.1;; *) exit 1;; esac')
    done = make(".venv/.made", tmp_path, str(tmp_path / "bin"))
    assert done.returncode != 0
    assert "Folioscope needs Python 3.11 or newer with its venv module; found: Python 3.8.1." in done.stderr
    assert "make PYTHON=" in done.stderr


def test_a_newer_python_is_found_beside_an_old_one(tmp_path: Path) -> None:
    fake_python(tmp_path / "bin", "python3", "exit 1")
    fake_python(tmp_path / "bin", "python3.12", '[ "$2" = venv ] && /bin/mkdir .venv && echo made; :')
    done = make(".venv/.made", tmp_path, f"{tmp_path / 'bin'}:/usr/bin")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / ".venv" / ".made").exists()


def test_help_names_every_target_a_person_may_want() -> None:
    done = make("help", ROOT, "/usr/bin:/bin")
    assert all(f"make {target} " in done.stdout for target in ("demo", "test", "lint", "check", "format"))
