"""A schema that is still being written, tried on a page: what it reads there, with boxes over the page's picture."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.routes.given import JobId, id_or_nobody
from api.web.drafting import DraftGiven, faults_of
from api.web.drafts import build
from api.web.site import render
from api.web.values import ShownValue, shown_values
from api.web.visitor import ChangingVisitorDep, Visitor, VisitorDep
from core.errors import FolioscopeError, InvalidSchema
from core.records import Queue
from storage import documents, previews, schemas
from storage.previews import Preview
from storage.tables import Record, Schema
from workers import send

router = APIRouter(prefix="/schemas", include_in_schema=False)

_MOST_ROWS = 20  # of a table


@dataclass(frozen=True, slots=True)
class TriedTable:
    """The first rows of a table, as texts."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    read: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What a draft read."""

    document_id: str
    document_name: str
    page: int
    model: str
    values: tuple[ShownValue, ...]
    tables: tuple[TriedTable, ...]
    flags: tuple[str, ...]


@router.post("/preview")
async def begin(request: Request, visitor: ChangingVisitorDep, given: DraftGiven) -> Response:
    """Begin to read one page by the draft; nothing is saved. What is wrong with it is told instead."""
    form = await request.form(max_fields=5_000)
    document_id, page = id_or_nobody(str(form.get("document", ""))), str(form.get("page", "1"))
    draft, _ = given
    built = build(draft)
    if built.faults:
        return _part(request, visitor, wrong=_sentences(built.faults))
    number = max(1, int(page[:7])) if page.isdecimal() else 1
    try:
        job_id = _planned(visitor, built.body, document_id, number)
    except InvalidSchema as error:
        return _part(request, visitor, wrong=_sentences(faults_of(error, built)))
    except FolioscopeError as error:
        return _part(request, visitor, wrong=[error.detail])
    return _part(request, visitor, job_id=job_id)


@router.get("/previews/{job_id}")
def show(job_id: JobId, visitor: VisitorDep, request: Request) -> Response:
    """What the draft read; while the model is at it, the page asks again."""
    try:
        tried = _tried(visitor, job_id)
    except FolioscopeError as error:
        return _part(request, visitor, wrong=[error.detail])
    return _part(request, visitor, job_id=job_id, tried=tried)


def _planned(visitor: Visitor, body: dict[str, Any], document_id: str, page: int) -> str:
    caller = visitor.caller
    with caller.sessions.begin() as session:
        job_id = previews.plan(session, caller.workspace_id, body, document_id, page)
    send.announce([Queue.INTERACTIVE], caller.settings.redis_url)
    return job_id


def _tried(visitor: Visitor, job_id: str) -> Tried | None:
    """None while the model is at it. Raises JobNotFound, and what the page failed by."""
    caller = visitor.caller
    with caller.sessions() as session:
        preview = previews.get_preview(session, caller.workspace_id, job_id)
        if preview.result is None:
            return None
        name = documents.get_document(session, caller.workspace_id, preview.document_id).name
    return _shown(preview, preview.result, name)


def _shown(preview: Preview, result: dict[str, Any], name: str) -> Tried:
    kept = {key: result[key] for key in ("values", "tables", "flags", "unsure")}
    record = Record(complete=True, gaps=[], model=result["model"], **kept)
    wanted = schemas.wanted_of(preview.body)
    tables = tuple(
        TriedTable(
            table.title,
            tuple(column.title for column in table.fields),
            tuple(
                tuple(str(row["cells"].get(column.path, {}).get("raw") or "") for column in table.fields)
                for row in result["tables"][table.path]["rows"][:_MOST_ROWS]
            ),
            len(result["tables"][table.path]["rows"]),
        )
        for table in wanted.tables
        if table.path in result["tables"]
    )
    return Tried(
        preview.document_id,
        name,
        preview.page,
        result["model"],
        shown_values(record, Schema(name="draft", version=0, body=preview.body)),
        tables,
        tuple(str(flag.get("detail") or flag.get("rule")) for flag in result["flags"]),
    )


def _sentences(faults: dict[str, list[str]]) -> list[str]:
    return [said for told in faults.values() for said in told]


def _part(
    request: Request,
    visitor: Visitor,
    *,
    job_id: str | None = None,
    tried: Tried | None = None,
    wrong: list[str] | None = None,
) -> Response:
    """A part of the form's page; a page of its own for browsers without scripts."""
    template = "schema_tried.html" if request.headers.get("hx-request") else "schema_preview.html"
    return render(visitor, template, job_id=job_id, tried=tried, wrong=wrong or [])
