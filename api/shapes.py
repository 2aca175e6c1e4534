"""From rows to shapes on the wire. Everything that a row needs for it is loaded in the session that is open."""

from collections.abc import Sequence
from typing import Any

from api.wire.documents import DocumentOut, PageOut, PageWithWordsOut, UploadedOut, WordOut
from api.wire.jobs import GapOut, JobOut, ProgressOut
from api.wire.parts import Failure
from api.wire.questions import AnswerOut
from api.wire.schemas import SchemaName
from core.records import JobKind
from storage import documents, jobs, schemas, tags
from storage.database import Session
from storage.tables import Document, Job, Page, Schema

ALL_GAPS = 1_000
FEW_GAPS = 20  # in lists and events


def documents_out(session: Session, found: Sequence[Document]) -> list[DocumentOut]:
    """Documents with all their names and tags."""
    ids = [document.id for document in found]
    names, given = documents.all_names(session, ids), tags.tags_of(session, ids)
    return [DocumentOut(**_document(d), names=names.get(d.id, []), tags=given.get(d.id, [])) for d in found]


def uploaded_out(session: Session, document: Document, *, created: bool) -> UploadedOut:
    """A document that an upload made or found."""
    (shown,) = documents_out(session, [document])
    return UploadedOut(**shown.model_dump(), created=created)


def page_out(page: Page) -> PageOut:
    """A page without its words."""
    return PageOut(**_page(page))


def page_with_words_out(page: Page) -> PageWithWordsOut:
    """A page whose words are loaded."""
    words = [WordOut(text=str(text), box=rest[:4], hidden=any(rest[4:])) for text, *rest in page.words or ()]
    return PageWithWordsOut(**_page(page), words=words)


def job_out(session: Session, job: Job, gaps: int = ALL_GAPS) -> JobOut:
    """A job with its progress and at most so many of its gaps, and how many there are. With 0, they are not counted."""
    found = jobs.gaps(session, job, gaps)
    schema = schemas.get_schema_by_id(session, job.workspace_id, job.schema_id) if job.schema_id else None
    return JobOut(
        id=job.id,
        kind=job.kind,
        state=job.state,
        schema_=schema and SchemaName(name=schema.name, version=schema.version),
        question=_question_of(job.params),
        model=job.params.get("model"),
        retry_of=job.params.get("retry_of"),
        text_layer=_uses_layer(job, schema),
        waiting_for=_failure(*(jobs.waiting_for(session, job.id) or (None, None))),
        progress=ProgressOut.model_validate(jobs.progress(session, job.id)),
        gaps=[GapOut.model_validate(gap) for gap in found],
        gaps_total=len(found) if len(found) < gaps or not gaps else jobs.count_gaps(session, job),
        result=job.result,
        created_at=job.created_at,
        finished_at=job.finished_at,
    )


def _uses_layer(job: Job, schema: Schema | None) -> bool | None:
    """Whether a job uses the words that a PDF itself has, as it and its schema wish; None: it has no use for them."""
    if job.kind not in {JobKind.EXTRACT, JobKind.READ}:
        return None
    return job.params.get("text_layer") is not False and (schema is None or schemas.uses_layer(schema.body))


def answer_out(job: JobOut) -> AnswerOut | None:
    """The answer that a question's job came to; None while there is none."""
    return AnswerOut.model_validate({**job.result, "job_id": job.id}) if job.result else None


def _question_of(params: dict[str, Any]) -> str | None:
    """What a job asks of its pages, in words: a question, what is to be located, the labels to choose from."""
    labels = params.get("labels")
    said: str | None = params.get("question") or params.get("text")
    return ", ".join(labels) if labels else said


def _document(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "name": document.name,
        "sha256": document.sha256,
        "media_type": document.media_type,
        "size": document.size,
        "page_count": document.page_count,
        "state": document.state,
        "warning": document.warning,
        "error": _failure(document.error_code, document.error_detail),
        "created_at": document.created_at,
    }


def _page(page: Page) -> dict[str, Any]:
    return {
        "number": page.number,
        "state": page.state,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "engine": page.engine,
        "image_width": page.image_width,
        "image_height": page.image_height,
        "blank": page.blank,
        "error": _failure(page.error_code, page.error_detail),
    }


def _failure(code: str | None, detail: str | None) -> Failure | None:
    return None if code is None else Failure(code=code, detail=detail)
