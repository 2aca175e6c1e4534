"""A thread that does one thing again and again until it is told to end."""

import random
import threading
from collections.abc import Callable

from core.logs import get_log

_log = get_log(__name__)


class Every(threading.Thread):
    """Calls `do` every so many seconds, a little apart from its fellows. After a failure the next round comes."""

    def __init__(self, seconds: float, do: Callable[[], object], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._seconds, self._do = seconds, do
        self._ended = threading.Event()

    def run(self) -> None:
        """Go round until `end`."""
        while not self._ended.wait(self._seconds * random.uniform(0.8, 1.2)):  # noqa: S311 - spreads rounds, keeps no secret
            try:
                self._do()
            except Exception:  # noqa: BLE001 - a round must not end the rounds
                _log.exception("a round failed", round=self.name)

    def end(self, patience: float | None = None) -> None:
        """Ask the thread to end and wait for its running round, at most `patience` seconds."""
        self._ended.set()
        if self.is_alive() and self is not threading.current_thread():
            self.join(patience)
