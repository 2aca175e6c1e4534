"""Describe, classify, locate: over many documents as jobs, of one page at once; and what pages said to it."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.caller import Caller, CallerDep
from api.finding_shapes import document_out, finding_out
from api.once import Made, Once, OnceDep
from api.problems import Responses, problems, problems_of_creation
from api.routes.given import Cursor, DocumentId, JobId, Limit, PageNumber
from api.shapes import job_out
from api.watch import until_final
from api.wire.jobs import JobOut
from api.wire.looking import (
    ClassifyIn,
    ClassifyPageIn,
    DescribeIn,
    DescribePageIn,
    DocumentFindingsOut,
    FindingOut,
    FindingsOut,
    LocateIn,
    LocatePageIn,
    OfAPageIn,
    OfDocumentsIn,
)
from core.errors import (
    DocumentNotFound,
    InvalidCursor,
    JobNotFound,
    ModelCannot,
    PageNotFound,
    UnknownModel,
    error_named,
)
from core.records import FINAL_JOB_STATES, JobKind, Queue
from storage import documents, findings, jobs, planning
from storage.database import Session
from storage.planning import NewJob
from workers import send
from workers.vlm.catalog import Catalog

router = APIRouter(prefix="/v1", tags=["looking"])

_OF_JOBS = problems_of_creation(DocumentNotFound, UnknownModel, ModelCannot)
_LATER: Responses = {202: {"model": JobOut, "description": "There is no reply yet; the job's findings will have it."}}
_OF_PAGES = _LATER | problems_of_creation(DocumentNotFound, PageNotFound, UnknownModel, ModelCannot)
_LINES: Responses = {
    200: {
        "description": "A line of JSON for each page, or document.",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    }
}


@router.post("/describe", status_code=202, summary="Describe pages", response_model=JobOut, responses=_OF_JOBS)
def describe(asked: DescribeIn, caller: CallerDep, once: OnceDep) -> Response:
    """A job that has a model describe each page in a sentence or two."""
    return _job(caller, once, JobKind.DESCRIBE, asked, {})


@router.post("/classify", status_code=202, summary="Classify pages", response_model=JobOut, responses=_OF_JOBS)
def classify(asked: ClassifyIn, caller: CallerDep, once: OnceDep) -> Response:
    """A job that gives each page one of the labels, or none; documents have theirs from their pages."""
    return _job(caller, once, JobKind.CLASSIFY, asked, {"labels": asked.labels})


@router.post("/locate", status_code=202, summary="Locate on pages", response_model=JobOut, responses=_OF_JOBS)
def locate(asked: LocateIn, caller: CallerDep, once: OnceDep) -> Response:
    """A job that finds where something stands on each page, or that it is not there."""
    return _job(caller, once, JobKind.LOCATE, asked, {"text": asked.text})


@router.post(
    "/documents/{document_id}/pages/{number}/describe",
    summary="Describe a page",
    response_model=FindingOut,
    responses=_OF_PAGES,
)
async def describe_page(
    document_id: DocumentId, number: PageNumber, asked: DescribePageIn, caller: CallerDep, once: OnceDep
) -> Response:
    """A description of the page, or of a region. Waits as long as `wait` says."""
    return await _page(caller, once, JobKind.DESCRIBE, (document_id, number), asked, _within(asked.region))


@router.post(
    "/documents/{document_id}/pages/{number}/classify",
    summary="Classify a page",
    response_model=FindingOut,
    responses=_OF_PAGES,
)
async def classify_page(
    document_id: DocumentId, number: PageNumber, asked: ClassifyPageIn, caller: CallerDep, once: OnceDep
) -> Response:
    """The label that fits the page, or that none does. Waits as long as `wait` says."""
    return await _page(caller, once, JobKind.CLASSIFY, (document_id, number), asked, {"labels": asked.labels})


@router.post(
    "/documents/{document_id}/pages/{number}/locate",
    summary="Locate on a page",
    response_model=FindingOut,
    responses=_OF_PAGES,
)
async def locate_on_page(
    document_id: DocumentId, number: PageNumber, asked: LocatePageIn, caller: CallerDep, once: OnceDep
) -> Response:
    """Where it stands on the page, or in a region of it, or that it does not. Waits as long as `wait` says."""
    params = {"text": asked.text} | _within(asked.region)
    return await _page(caller, once, JobKind.LOCATE, (document_id, number), asked, params)


@router.get("/jobs/{job_id}/findings", summary="List findings by page", responses=problems(JobNotFound, InvalidCursor))
def list_findings(
    job_id: JobId,
    caller: CallerDep,
    document: Annotated[str | None, Query(max_length=32, description="Of this document only, by its id.")] = None,
    found: Annotated[bool, Query(description="Only pages that said something.")] = False,  # noqa: FBT002 - a query's default
    limit: Limit = 50,
    cursor: Cursor = None,
) -> FindingsOut:
    """What each page said, in order of documents and pages, also while the job goes on."""
    with caller.sessions() as session:
        _check_job(session, caller, job_id)
        listing = findings.list_pages(session, job_id, cursor, limit, document_id=document, found=found)
        return FindingsOut(items=[finding_out(one) for one in listing.items], next_cursor=listing.next_cursor)


@router.get(
    "/jobs/{job_id}/findings/documents",
    summary="List findings by document",
    responses=problems(JobNotFound, InvalidCursor),
)
def list_document_findings(
    job_id: JobId, caller: CallerDep, limit: Limit = 50, cursor: Cursor = None
) -> DocumentFindingsOut:
    """What each document's pages said together, so far: of what was classified its label, and pages that differ."""
    with caller.sessions() as session:
        kind = _check_job(session, caller, job_id)
        listing = findings.list_documents(session, job_id, cursor, limit)
        return DocumentFindingsOut(
            items=[document_out(kind, one) for one in listing.items], next_cursor=listing.next_cursor
        )


@router.get(
    "/jobs/{job_id}/findings/export",
    status_code=200,
    summary="Export findings",
    response_class=StreamingResponse,
    responses=_LINES | problems(JobNotFound),
)
def export_findings(
    job_id: JobId,
    caller: CallerDep,
    of: Annotated[Literal["pages", "documents"], Query(description="What a line is about.")] = "pages",
) -> StreamingResponse:
    """All findings as JSON lines, sent while they are read."""
    with caller.sessions() as session:
        kind = _check_job(session, caller, job_id)
    headers = {"Content-Disposition": f'attachment; filename="{kind.value}.jsonl"', "Cache-Control": "no-store"}
    return StreamingResponse(_lines(caller, job_id, kind, of), media_type="application/x-ndjson", headers=headers)


def model_for(catalog: Catalog, asked: str | None, kind: JobKind) -> str | None:
    """The model of a job of this kind. Raises UnknownModel, and ModelCannot where it is known to be none for it.

    Where nobody chose one, the worker's own is looked at by the worker.
    """
    name = catalog.chosen(asked)
    if name is not None and catalog.entry(name).can(kind.value) is False:
        raise ModelCannot(f"The model {name} cannot {kind.value} pages; `folioscope models list` tells which can.")
    return name


def _within(region: list[float] | None) -> dict[str, Any]:
    return {} if region is None else {"region": region}


def _job(caller: Caller, once: Once, kind: JobKind, asked: OfDocumentsIn, params: dict[str, Any]) -> Response:
    """Plan a job over documents."""
    model = model_for(caller.desk.catalog, asked.model, kind)
    new = NewJob(kind=kind, queue=asked.queue, params=params, model=model)
    made = _planned(caller, once, asked, new, asked.documents)
    send.announce([asked.queue], caller.settings.redis_url)
    return made.response()


async def _page(
    caller: Caller, once: Once, kind: JobKind, page: tuple[str, int], asked: OfAPageIn, params: dict[str, Any]
) -> Response:
    """Plan a job over one page, and wait for what it says. Raises what kept the page from saying anything."""
    document_id, number = page
    model = model_for(caller.desk.catalog, asked.model, kind)
    new = NewJob(kind=kind, queue=Queue.INTERACTIVE, params={"page": number, **params}, model=model)

    def plan() -> Made:
        with caller.sessions() as session:
            documents.get_page(session, caller.workspace_id, document_id, number, with_words=False)
        made = _planned(caller, once, asked, new, [document_id])
        send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
        return made

    made = await run_in_threadpool(plan)
    job = await until_final(caller, made.body["id"], asked.wait)
    if job.state not in FINAL_JOB_STATES:
        return Made.of(202, job).response()
    return Made.of(200, await run_in_threadpool(_said, caller, job)).response()


def _planned(caller: Caller, once: Once, asked: BaseModel, new: NewJob, document_ids: list[str] | None) -> Made:
    def make(session: Session) -> Made:
        return Made.of(202, job_out(session, planning.plan(session, caller.workspace_id, new, document_ids)))

    return once.do(caller, asked, make)


def _said(caller: Caller, job: JobOut) -> FindingOut:
    """What the only page of a final job said. Raises the failure that it has instead."""
    with caller.sessions() as session:
        listing = findings.list_pages(session, job.id, limit=1)
    shown = [finding_out(one) for one in listing.items]
    if shown and shown[0].error is None:
        return shown[0]
    for gap in job.gaps:
        raise error_named(gap.code, gap.detail)
    raise DocumentNotFound("The document was deleted.")


def _check_job(session: Session, caller: Caller, job_id: str) -> JobKind:
    """The kind of a job that has findings. Raises JobNotFound, InvalidRequest."""
    job = jobs.get_job(session, caller.workspace_id, job_id)
    findings.check_kind(job)
    return job.kind


def _lines(caller: Caller, job_id: str, kind: JobKind, of: str) -> Iterator[str]:
    if of == "documents":
        for document in findings.each_document(caller.sessions, job_id):
            yield document_out(kind, document).model_dump_json() + "\n"
        return
    for page in findings.each_page(caller.sessions, job_id):
        yield finding_out(page).model_dump_json() + "\n"
