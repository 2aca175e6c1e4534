"""What follows when the last item is final: the document's record, the job's result and state, the document's state.

All of it is read from rows that are final, in transactions of its own after the item's: so it may be done twice or by
two workers at once, and whoever finishes last sees everything. What a killed worker left undone, the sweeper does.
"""

from typing import Any, assert_never

from core.errors import DocumentNotFound
from core.records import FINAL_JOB_STATES, ClaimedItem, JobKind, JobState
from core.settings import Settings
from storage import documents, jobs, questions, records
from storage.database import Session, Sessions
from storage.receipts import receipts_in_order
from storage.tables import Job
from workers.choice import PageReply, choose_answer
from workers.desk import Desk
from workers.embed import pages_seen
from workers.looking import summary_of
from workers.merge import merge_record
from workers.question import field_words, judged
from workers.receipt import receipt_of_job
from workers.subject_words import about
from workers.transcribe import read_layers, readings_made

_BEHIND_ALL_PAGES = 2**31 - 1


def settle_item(desk: Desk, item: ClaimedItem) -> None:
    """Do what follows where this item was the last of its document, or of its job. Harmless while others are open."""
    if item.job_kind in jobs.FLEETING:
        return  # who waits for the reply looks at the item, and forgets the job
    if item.job_kind is JobKind.EXTRACT:
        settle_record(desk.sessions, item.workspace_id, item.job_id, item.document_id)
    settle_job(desk.sessions, desk.settings, item.workspace_id, item.job_id)


def settle_job(sessions: Sessions, settings: Settings, workspace_id: str, job_id: str) -> None:
    """Bring a job without open items to its end: its documents' states, their records, its result and its state."""
    with sessions() as session:
        if jobs.is_open(session, job_id):
            return
        job = jobs.get_job(session, workspace_id, job_id)
        if job.state in FINAL_JOB_STATES:
            return
        covered = jobs.documents_done(session, job_id)
        merged = records.made_by(session, job_id, job.schema_id) if job.schema_id else set()
    match job.kind:
        case JobKind.RASTERIZE:
            for document_id in covered:
                _settle_drawing(sessions, workspace_id, job_id, document_id)
        case JobKind.EXTRACT:
            for document_id in sorted(set(covered) - merged):
                settle_record(sessions, workspace_id, job_id, document_id)
        case (
            JobKind.READ
            | JobKind.ASK
            | JobKind.DESCRIBE
            | JobKind.CLASSIFY
            | JobKind.LOCATE
            | JobKind.EMBED
            | JobKind.CHAT
            | JobKind.FIND
            | JobKind.PREVIEW
        ):
            pass
        case _:
            assert_never(job.kind)
    with sessions.begin() as session:
        jobs.settle(session, job_id, _result(session, job, settings.answer_threshold))


def settle_record(sessions: Sessions, workspace_id: str, job_id: str, document_id: str) -> None:
    """Merge a document's record from what its pages say, once all its items under the job are final."""
    with sessions() as session:
        if jobs.document_is_open(session, job_id, document_id):
            return
    with sessions.begin() as session:
        job = jobs.get_job(session, workspace_id, job_id)
        if job.schema_id is None or job.state is JobState.CANCELLED or not _hold(session, workspace_id, document_id):
            return
        merge_record(session, workspace_id, job_id, document_id, job.schema_id)


def _settle_drawing(sessions: Sessions, workspace_id: str, job_id: str, document_id: str) -> None:
    """No page of the document waits any longer: those of windows that failed for good have failed, with the reason.

    What its pages tell without a model can be searched from now on.
    """
    with sessions.begin() as session:
        if not _hold(session, workspace_id, document_id):
            return
        failures = jobs.page_failures(session, job_id, document_id)
        for first_page, code, detail in sorted(failures, reverse=True):  # from behind: windows after it are through
            documents.fail_window(session, document_id, first_page, _BEHIND_ALL_PAGES, code, detail)
        documents.settle_document(session, document_id)
    read_layers(sessions, workspace_id, document_id)


def _hold(session: Session, workspace_id: str, document_id: str) -> bool:
    """Whether nobody has deleted the document meanwhile; nobody else settles it until the transaction ends."""
    try:
        documents.get_document(session, workspace_id, document_id, for_update=True)
    except DocumentNotFound:
        return False
    return True


def _result(session: Session, job: Job, threshold: float) -> dict[str, Any] | None:
    """Of a question its answer, of an extraction its receipt, of other work what became of the pages."""
    match job.kind:
        case JobKind.ASK:
            return _answer(session, job, threshold)
        case JobKind.EXTRACT:
            return receipt_of_job(receipts_in_order(session, job.id), jobs.progress(session, job.id).failed)
        case JobKind.READ if "box" not in job.params:
            return readings_made(jobs.receipts(session, job.id), jobs.progress(session, job.id).failed)
        case JobKind.DESCRIBE | JobKind.CLASSIFY | JobKind.LOCATE:
            return summary_of(session, job)
        case JobKind.EMBED:
            return pages_seen(jobs.receipts(session, job.id), jobs.progress(session, job.id).failed)
        case JobKind.RASTERIZE | JobKind.READ | JobKind.CHAT | JobKind.FIND | JobKind.PREVIEW:
            return None
        case _:
            assert_never(job.kind)


def _answer(session: Session, job: Job, threshold: float) -> dict[str, Any]:
    """What the pages say, held against what the question is about."""
    planned = questions.planned_answer(session, job.id)
    if planned is not None:
        return planned
    in_order = questions.replies_in_order(session, job.id)
    replies = [PageReply(document, page, said or {}) for document, page, said in in_order]
    names = documents.names_of(session, {reply.document_id for reply in replies})
    taken = about(str(job.params["question"]), field_words(session, job.workspace_id))
    return choose_answer(
        judged(session, taken, replies, names, job.params),
        names,
        threshold,
        int(job.params.get("not_looked_at", 0)),
        jobs.progress(session, job.id).failed,
        about=taken,
        searched=job.params.get("searched"),
    )
