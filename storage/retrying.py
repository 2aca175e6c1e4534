"""What a job has no result for, run again as a job of its own."""

from sqlalchemy import exists, or_, select

from core.errors import InvalidRequest
from core.records import FINAL_JOB_STATES, JobKind, JobState
from storage import planning
from storage.database import Session
from storage.jobs import LACKING
from storage.planning import NewJob
from storage.tables import Document, Item, Job, JobDocument


def retry(session: Session, job: Job) -> Job:
    """A job like this final one, over the pages that it has no whole result for, and over documents it could not open.

    Where such a job is under way already, it is that one: asking twice is harmless. Raises InvalidRequest for a job
    that is not final or lacks nothing, for a question, which is asked anew, and for the drawing of an upload.
    """
    _check(job)
    running = _running(session, job)
    if running is not None:
        return running
    documents = _lacking_documents(session, job.id)
    if not documents:
        raise InvalidRequest("The job has a result for everything that is still there; there is nothing to run again.")
    params = {name: said for name, said in job.params.items() if name not in {"model", "retry_of"}}
    new = NewJob(job.kind, job.queue, job.schema_id, {**params, "retry_of": job.id}, job.params.get("model"))
    return planning.plan(session, job.workspace_id, new, documents)


def _check(job: Job) -> None:
    if job.kind is JobKind.ASK:
        raise InvalidRequest("A question is not run again; ask it anew.")
    if job.kind is JobKind.RASTERIZE:
        raise InvalidRequest("Pages are not drawn again; delete the document and upload it anew.")
    if job.state not in FINAL_JOB_STATES:
        raise InvalidRequest("The job is still under way; wait for its end, or cancel it.")


def _running(session: Session, job: Job) -> Job | None:
    """The retry of this job that is not final."""
    open_ones = [state for state in JobState if state not in FINAL_JOB_STATES]
    mine = (Job.workspace_id == job.workspace_id, Job.state.in_(open_ones), Job.kind == job.kind)
    again = select(Job).where(*mine, Job.params["retry_of"].as_string() == job.id)
    return session.scalars(again.order_by(Job.id).limit(1)).one_or_none()


def _lacking_documents(session: Session, job_id: str) -> list[str]:
    """The documents that are still there and that the job has no whole result for."""
    covered = select(JobDocument.document_id).join(Document, Document.id == JobDocument.document_id)
    page = exists().where(Item.job_id == job_id, Item.document_id == JobDocument.document_id, LACKING)
    lacking = or_(JobDocument.error_code.is_not(None), page)
    return list(session.scalars(covered.where(JobDocument.job_id == job_id, lacking)))
