"""Models that are away: their jobs wait, told why, and none of them is claimed meanwhile, so that others go on."""

import threading
import time

from core.errors import ModelUnavailable


class Resting:
    """Which models rest, and which jobs were told so, as this process knows. For many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._models: dict[str, float] = {}  # until when
        self._jobs: dict[str, float] = {}

    def put(self, model: str, job_id: str, error: ModelUnavailable, seconds: float) -> float:
        """Let a model rest for as long as its failure says, else for so many seconds. Returns the seconds."""
        said = error.facts.get("wait")
        rest = float(said) if isinstance(said, int | float) else seconds
        now = time.monotonic()
        with self._lock:
            self._jobs = {job: until for job, until in self._jobs.items() if until > now}
            self._models[model] = self._jobs[job_id] = now + rest
        return rest

    def has(self, job_id: str) -> bool:
        """Whether a job rests now: it was told so."""
        return self._jobs.get(job_id, 0.0) > time.monotonic()

    def models(self) -> list[str]:
        """The models that rest now."""
        now = time.monotonic()
        with self._lock:
            self._models = {model: until for model, until in self._models.items() if until > now}
            return list(self._models)
