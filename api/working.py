"""What the client does about jobs: begun, watched and ended."""

import time
from collections.abc import Callable, Iterator, Sequence

from api.connection import Connection
from api.results import Estimate, Job, made_from
from core.records import FINAL_JOB_STATES

_FIRST_LOOK, _LAST_LOOK = 0.1, 1.0  # seconds between two looks at a job: soon at first, then less often


class Working(Connection):
    """The part of the client that has pages read."""

    def extract(
        self,
        schema: str,
        documents: Sequence[str] | None = None,
        *,
        version: int | None = None,
        model: str | None = None,
        text_layer: bool = True,
    ) -> Job:
        """Start reading a schema's fields from these documents (ids), or from all. Returns at once: see `wait`.

        `model` is the name of one that is configured; without `text_layer`, values are not compared with the words
        that a PDF itself has. Raises UnknownModel.
        """
        body = {"kind": "extract", "schema": schema, "schema_version": version, "documents": ids(documents)}
        return made_from(Job, self._post("/v1/jobs", body | named(model) | {"text_layer": text_layer}))

    def read(self, documents: Sequence[str] | None = None, *, model: str | None = None, text_layer: bool = True) -> Job:
        """Start reading the pages of these documents (ids), or of all, for search. Returns at once: see `wait`.

        A PDF's own text is taken where it is sound; else, and without `text_layer`, the model transcribes the page.
        """
        body = {"kind": "read", "documents": ids(documents), "text_layer": text_layer}
        return made_from(Job, self._post("/v1/jobs", body | named(model)))

    def embed(self, documents: Sequence[str] | None = None) -> Job:
        """Start telling what the pages of these documents (ids), or of all, look like, for visual search.

        What the model has seen already it does not see again. Raises VisualSearchOff.
        """
        return made_from(Job, self._post("/v1/jobs", {"kind": "embed", "documents": ids(documents)}))

    def estimate(
        self,
        schema: str,
        documents: Sequence[str] | None = None,
        *,
        version: int | None = None,
        model: str | None = None,
    ) -> Estimate:
        """What `extract` would do with the same arguments, and about how long that takes. Starts nothing."""
        body = {"kind": "extract", "schema": schema, "schema_version": version, "documents": ids(documents)}
        return made_from(Estimate, self._post("/v1/jobs/estimate", body | named(model)))

    def jobs(self, *, state: str | None = None) -> Iterator[Job]:
        """All jobs, or those in a state, the newest first."""
        return self._each(Job, "/v1/jobs", {"state": state})

    def job(self, job_id: str) -> Job:
        """One job. Raises JobNotFound."""
        return made_from(Job, self._get(f"/v1/jobs/{job_id}"))

    def cancel(self, job_id: str) -> Job:
        """Stop a job; what it has read so far stays."""
        return made_from(Job, self._post(f"/v1/jobs/{job_id}/cancel", {}))

    def retry(self, job: Job | str) -> Job:
        """Run again, as a new job, what a final one has no result for. Raises InvalidRequest where it lacks nothing."""
        job_id = job if isinstance(job, str) else job.id
        return made_from(Job, self._post(f"/v1/jobs/{job_id}/retry", {}))

    def wait(self, job: Job | str, progress: Callable[[Job], None] | None = None) -> Job:
        """Wait until a job is final and return it. `progress` is told of every look."""
        job_id = job if isinstance(job, str) else job.id
        pause = _FIRST_LOOK
        while True:
            now = self.job(job_id)
            if progress is not None:
                progress(now)
            if now.state in FINAL_JOB_STATES:
                return now
            time.sleep(pause)
            pause = min(_LAST_LOOK, pause * 1.3)


def named(model: str | None) -> dict[str, str]:
    """What a request says about its model; nothing where it leaves that to the service."""
    return {} if model is None else {"model": model}


def ids(documents: Sequence[str] | None) -> list[str] | None:
    """Ids as a request takes them; None for all documents."""
    return None if documents is None else list(documents)
