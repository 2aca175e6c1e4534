"""What an answer lacks, read at a person's word: the extraction that it offers, or pages that no search finds."""

from core.errors import InvalidRequest
from core.records import JobKind, Queue
from storage import jobs, planning, schemas
from storage.database import Session
from storage.planning import NewJob
from storage.tables import Job
from workers.plans.offers import Whose, documents_offered
from workers.scopes import Scope, documents_in
from workers.vlm.catalog import Catalog


def extract_offered(session: Session, catalog: Catalog, workspace_id: str, question_job_id: str) -> Job:
    """The job of the extraction that an answer offers, of what is still unread now; announce it after the commit.

    Raises JobNotFound, DocumentNotFound, SchemaNotFound, and InvalidRequest where nothing is offered or left to read.
    """
    asked = jobs.get_job(session, workspace_id, question_job_id)
    offered = ((asked.result or {}).get("plan") or {}).get("offer")
    if not offered:
        raise InvalidRequest("This answer offers no extraction.")
    within = documents_in(session, workspace_id, Scope.of(asked.params.get("scope")))
    whose = Whose(offered.get("whose", Whose.ALL))
    document_ids = documents_offered(session, workspace_id, str(offered["schema"]), whose, within)
    if document_ids == []:
        raise InvalidRequest("All of it was read meanwhile; ask the question again.")
    schema = schemas.get_schema(session, workspace_id, str(offered["schema"]))
    new = NewJob(
        kind=JobKind.EXTRACT, queue=Queue.BULK, schema_id=schema.id, params={}, model=catalog.chosen(None)
    )  # fmt: skip
    return planning.plan(session, workspace_id, new, document_ids)


def read_unread(session: Session, catalog: Catalog, workspace_id: str, question_job_id: str) -> Job:
    """A job that reads the pages of a question's documents that nobody has read yet, so that a search finds them.

    Pages that have a reading keep it. Announce it after the commit. Raises JobNotFound, DocumentNotFound,
    SchemaNotFound, and InvalidRequest where no page is left to read.
    """
    asked = jobs.get_job(session, workspace_id, question_job_id)
    document_ids = documents_in(session, workspace_id, Scope.of(asked.params.get("scope")))
    new = NewJob(kind=JobKind.READ, queue=Queue.BULK, params={"unread": True}, model=catalog.chosen(None))
    planned = planning.plan(session, workspace_id, new, document_ids)
    if not jobs.progress(session, planned.id).total:
        raise InvalidRequest("No page of these documents is left to read; ask the question again.")
    return planned
