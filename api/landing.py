"""Where uploads land: a folder a request, removed with it; what a killed process left is removed by the next."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Landing:
    """This process's part of the uploads folder. Nothing is made before the first upload."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._own: Path | None = None
        self._lock: int | None = None
        self._claim()

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """An empty folder that is gone afterwards, whatever happens."""
        folder = Path(tempfile.mkdtemp(dir=self._own))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove this process's folder."""
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
        self._own = self._lock = None

    def _claim(self) -> None:
        """Make this process's folder, locked while it lives, and remove those that no living process holds."""
        self._root.mkdir(parents=True, exist_ok=True)
        gate = os.open(self._root, os.O_RDONLY)
        try:
            fcntl.flock(gate, fcntl.LOCK_EX)  # between making a folder and locking it, nobody looks
            for left in self._root.iterdir():
                _remove_if_nobodys(left)
            self._own = Path(tempfile.mkdtemp(dir=self._root))
            self._lock = os.open(self._own, os.O_RDONLY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        finally:
            os.close(gate)


def _remove_if_nobodys(folder: Path) -> None:
    with suppress(OSError):  # held by a living process, or gone already
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)
