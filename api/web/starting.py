"""A job begun from a page: what is to be done, over which documents; first what that would take, then the start."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api.caller import Caller
from api.routes.given import id_or_nobody
from api.routes.jobs import estimate_job, plan_job
from api.routes.looking import model_for
from api.web.pace import duration
from api.web.site import render
from api.web.visitor import ChangingVisitorDep, VisitorDep
from api.wire.jobs import JobIn
from api.wire.looking import ClassifyIn, LocateIn
from core.errors import InvalidRequest
from core.records import JobKind, PageState, Queue
from storage import documents, planning, schemas
from storage.database import Session
from storage.planning import NewJob
from storage.tables import Job
from workers import send

router = APIRouter(prefix="/jobs", include_in_schema=False)

_READS = (JobKind.EXTRACT, JobKind.READ)
_SHOWN = 12  # documents that are named
_MOST_DOCUMENTS = 2_000  # that an address can hold


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person chose."""

    kind: JobKind
    schema: str
    documents: tuple[str, ...]  # none: all there are
    model: str
    said: str  # labels, with commas between, or what is to be located

    @property
    def labels(self) -> list[str]:
        """What pages are to be sorted by."""
        return [label for part in self.said.split(",") if (label := part.strip())]

    @property
    def ids(self) -> list[str] | None:
        """The documents as the API takes them."""
        return list(self.documents) or None


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a job would do. None: it is not told of this kind."""

    documents: int
    pages: int
    blank: int
    failed: int
    to_read: int
    known: int | None = None
    inferences: int | None = None
    checks: int = 0
    takes: str | None = None
    model: str | None = None


def chosen_of_form(
    kind: Annotated[str, Form(max_length=20)] = "",
    schema_: Annotated[str, Form(alias="schema", max_length=100)] = "",
    documents: Annotated[list[str] | None, Form(max_length=_MOST_DOCUMENTS)] = None,
    model: Annotated[str, Form(max_length=200)] = "",
    said: Annotated[str, Form(max_length=5_000)] = "",
) -> Wish:
    """What a form that is sent says."""
    return _wish(kind, schema_, documents, model, said)


def chosen_of_address(
    kind: Annotated[str, Query(max_length=20)] = "",
    schema: Annotated[str, Query(max_length=100)] = "",
    documents: Annotated[list[str] | None, Query(max_length=_MOST_DOCUMENTS)] = None,
    model: Annotated[str, Query(max_length=200)] = "",
    said: Annotated[str, Query(max_length=5_000)] = "",
) -> Wish:
    """What an address says."""
    return _wish(kind, schema, documents, model, said)


@router.get("/new")
def show_choice(visitor: VisitorDep, wish: Annotated[Wish, Depends(chosen_of_address)]) -> Response:
    """The form, and what a job by it would take. Nothing is started."""
    caller = visitor.caller
    with caller.sessions() as session:
        names = sorted({schema.name for schema in schemas.list_schemas(session, caller.workspace_id)})
        shown = _named(session, caller, wish)
        dry = _dry_run(session, caller, wish)
    catalog = caller.desk.catalog
    return render(
        visitor,
        "job_new.html",
        wish=wish,
        schemas=names,
        shown=shown,
        more=len(wish.documents) - len(shown),
        dry=dry,
        lacks=_lacking(wish),
        models=list(catalog.models),
        default=catalog.default,
    )


@router.post("")
def start(visitor: ChangingVisitorDep, wish: Annotated[Wish, Depends(chosen_of_form)]) -> Response:
    """Start the job, and go where it is watched."""
    caller, lacks = visitor.caller, _lacking(wish)
    if lacks:
        raise InvalidRequest(lacks)
    with caller.sessions.begin() as session:
        place = f"/jobs/{_planned(session, caller, wish).id}"
    send.announce([Queue.BULK], caller.settings.redis_url)
    return RedirectResponse(place, 303)


def _wish(kind: str, schema: str, ids: list[str] | None, model: str, said: str) -> Wish:
    kinds = (*_READS, JobKind.DESCRIBE, JobKind.CLASSIFY, JobKind.LOCATE)
    chosen = JobKind(kind) if kind in kinds else JobKind.EXTRACT
    return Wish(
        chosen, schema, tuple(dict.fromkeys(id_or_nobody(one) for one in ids or ())), model, " ".join(said.split())
    )


def _lacking(wish: Wish) -> str:
    """What is still to be said before a job can be; nothing where it can."""
    match wish.kind:
        case JobKind.EXTRACT if not wish.schema:
            return "Choose a schema."
        case JobKind.CLASSIFY if not wish.labels:
            return "Say by which labels, with commas between."
        case JobKind.LOCATE if not wish.said:
            return "Say what is to be located."
        case _:
            return ""


def _planned(session: Session, caller: Caller, wish: Wish) -> Job:
    try:
        if wish.kind in _READS:
            schema = wish.schema if wish.kind is JobKind.EXTRACT else None
            words: dict[str, Any] = {"kind": wish.kind, "documents": wish.ids, "model": wish.model or None}
            return plan_job(session, caller, JobIn.model_validate(words | {"schema": schema}))
        params = _params(wish)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidRequest(str(first["msg"]).removeprefix("Value error, ")) from error
    model = model_for(caller.desk.catalog, wish.model or None, wish.kind)
    return planning.plan(
        session, caller.workspace_id, NewJob(wish.kind, Queue.BULK, params=params, model=model), wish.ids
    )


def _params(wish: Wish) -> dict[str, Any]:
    """What the API keeps of a job that looks at pages. Raises ValidationError where it would refuse it."""
    match wish.kind:
        case JobKind.CLASSIFY:
            return {"labels": ClassifyIn.model_validate({"labels": wish.labels}).labels}
        case JobKind.LOCATE:
            return {"text": LocateIn.model_validate({"text": wish.said}).text}
        case _:
            return {}


def _named(session: Session, caller: Caller, wish: Wish) -> dict[str, str]:
    """The first of the chosen documents by their names. Raises DocumentNotFound."""
    first = wish.documents[:_SHOWN]
    return {one: documents.get_document(session, caller.workspace_id, one).name for one in first}


def _dry_run(session: Session, caller: Caller, wish: Wish) -> DryRun | None:
    if wish.kind is JobKind.EXTRACT:
        return _estimated(caller, wish) if wish.schema else None
    pages = planning.pages_to_cover(session, caller.workspace_id, wish.ids)
    blank = sum(state is PageState.READY and is_blank for _, state, _, is_blank in pages)
    failed = sum(state is PageState.FAILED for _, state, _, _ in pages)
    return DryRun(len({one for one, *_ in pages}), len(pages), blank, failed, len(pages) - blank - failed)


def _estimated(caller: Caller, wish: Wish) -> DryRun:
    """As the API and the command line tell it."""
    told = estimate_job(_extraction(wish), caller)
    return DryRun(
        told.documents,
        told.pages,
        told.pages_blank,
        told.pages_failed,
        told.pages_to_read,
        told.pages_known,
        told.inferences,
        told.checks,
        None if told.seconds is None else duration(told.seconds),
        wish.model or caller.desk.catalog.default,
    )


def _extraction(wish: Wish) -> JobIn:
    words = {"kind": wish.kind, "schema": wish.schema, "documents": wish.ids, "model": wish.model or None}
    return JobIn.model_validate(words)
