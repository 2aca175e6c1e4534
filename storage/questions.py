"""Jobs of questions: those that have their answer at once."""

from typing import Any

from core.records import JobState
from storage.database import Session, clock, new_id
from storage.jobs import NewJob
from storage.tables import Job


def answer_at_once(session: Session, workspace_id: str, new: NewJob, result: dict[str, Any]) -> Job:
    """A job that is final with this result: no page has to be looked at."""
    job = Job(
        id=new_id(),
        workspace_id=workspace_id,
        kind=new.kind,
        state=JobState.SUCCEEDED,
        queue=new.queue,
        params={**new.params, **({} if new.model is None else {"model": new.model})},
        result=result,
        finished_at=clock(session),
    )
    session.add(job)
    session.flush()
    return job
