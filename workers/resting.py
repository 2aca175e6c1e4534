"""Jobs that wait for their model: no page of theirs is claimed before a moment, so that others go on meanwhile."""

import threading
import time

from core.errors import ModelUnavailable

MOST = 1_000  # jobs left out of one claim; the others are claimed and given back again


class Resting:
    """Which jobs rest, as this process knows. For many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def put(self, job_id: str, error: ModelUnavailable, seconds: float) -> float:
        """Let a job rest for as long as its model's failure says, else for so many seconds. Returns the seconds."""
        said = error.facts.get("wait")
        rest = float(said) if isinstance(said, int | float) else seconds
        with self._lock:
            self._until[job_id] = time.monotonic() + rest
        return rest

    def has(self, job_id: str) -> bool:
        """Whether a job rests now."""
        return self._until.get(job_id, 0.0) > time.monotonic()

    def jobs(self) -> list[str]:
        """The jobs that rest now."""
        now = time.monotonic()
        with self._lock:
            self._until = {job: until for job, until in self._until.items() if until > now}
            return list(self._until)[:MOST]
