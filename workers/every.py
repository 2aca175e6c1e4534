"""A thread that does one thing again and again until it is told to end."""

import random
import threading
from collections.abc import Callable

from core.errors import FolioscopeError
from core.logs import get_log

_log = get_log(__name__)


class Every(threading.Thread):
    """Calls `do` every so many seconds, a little apart from its fellows. After a failure the next round comes."""

    def __init__(self, seconds: float, do: Callable[[], object], name: str, *, at_once: bool = False) -> None:
        super().__init__(name=name, daemon=True)
        self._seconds, self._do, self._at_once = seconds, do, at_once
        self._ended = threading.Event()

    def run(self) -> None:
        """Go round until `end`."""
        if self._at_once:
            self._go_round()
        while not self._ended.wait(self._seconds * random.uniform(0.8, 1.2)):  # noqa: S311 - spreads rounds, keeps no secret
            self._go_round()

    def end(self, patience: float | None = None) -> None:
        """Ask the thread to end and wait for its running round, at most `patience` seconds."""
        self._ended.set()
        if self.is_alive() and self is not threading.current_thread():
            self.join(patience)

    def _go_round(self) -> None:
        try:
            self._do()
        except FolioscopeError as error:
            _log.warning("a round failed", round=self.name, code=error.code, detail=error.detail)
        except Exception:  # noqa: BLE001 - a round must not end the rounds
            _log.exception("a round failed", round=self.name)
