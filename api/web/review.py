"""The queue of reviews: one value at a time beside its page, the likeliest and costliest error first."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from pydantic import AfterValidator
from starlette.responses import RedirectResponse, Response

from api.caller import Caller
from api.web.deciding import DecisionDep, decided
from api.web.frames import Sides
from api.web.site import render
from api.web.values import ShownValue, shown_value
from api.web.visitor import ChangingVisitorDep, Visitor, VisitorDep
from core.errors import FolioscopeError, RecordNotFound, ValueChanged
from core.records import PageState
from storage import documents, records, review, schemas
from storage.database import Session
from storage.review import Place, Waiting
from storage.tables import Correction, Document, Page, Record, Schema
from workers.correct import Target, take_back
from workers.placing import CELL

router = APIRouter(prefix="/review", include_in_schema=False)

STEPS_BACK = 50  # that can be undone
_SEE_OTHER = 303
_AROUND, _WIDE, _FLAT = 1.5, 0.5, 0.32  # what is shown around a box: times its own size; at least, of the page's width

_Name = AfterValidator(lambda name: name if name.isprintable() else "-")  # of none, and never asked of a database
SchemaGiven = Annotated[str, Query(max_length=100), _Name]
NarrowedInForm = Annotated[str, Form(alias="schema", max_length=100), _Name]
PlaceGiven = Annotated[str, Query(max_length=2_000)]
DecidedGiven = Annotated[str, Query(max_length=STEPS_BACK * 33)]
TextInForm = Annotated[str, Form(max_length=2_000)]


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a person is in the queue: what the addresses of its pages carry."""

    schema: str  # only what was read under it; nothing: all
    decided: tuple[str, ...]  # their last corrections, the newest last

    @property
    def steps(self) -> str:
        """The corrections as forms carry them."""
        return ",".join(self.decided)

    def address(self, **where: str) -> str:
        """The address of a page of the queue."""
        said = {"schema": self.schema, "decided": self.steps, **where}
        told = urlencode({name: text for name, text in said.items() if text})
        return f"/review?{told}" if told else "/review"


@dataclass(frozen=True, slots=True)
class Shown:
    """A value of the queue with all that is needed to decide."""

    place: Place
    document: Document
    schema: Schema
    value: ShownValue
    page: Page | None  # where it stands, else the first
    pages: int
    target: float | None  # of the schema

    @property
    def picture(self) -> str:
        """Where the picture of the page is; nothing while it is not drawn."""
        if self.page is None or self.page.state is not PageState.READY:
            return ""
        return f"/documents/{self.document.id}/pages/{self.page.number}/image"

    @property
    def crop(self) -> Sides | None:
        """The part of the page around the box, in pixels: wide enough to see what stands beside it."""
        if self.value.box is None or self.page is None or not self.page.image_width or not self.page.image_height:
            return None
        wide, high = self.page.image_width, self.page.image_height
        x, y, width, height = (side * of for side, of in zip(self.value.box, (wide, high, wide, high), strict=True))
        w = min(wide, max(width * _AROUND, wide * _WIDE))
        h = min(high, max(height * _AROUND, w * _FLAT))
        left = min(max(0.0, x + width / 2 - w / 2), wide - w)
        top = min(max(0.0, y + height / 2 - h / 2), high - h)
        return left, top, w, h


@router.get("")
def show_queue(
    visitor: VisitorDep,
    request: Request,
    schema: SchemaGiven = "",
    after: PlaceGiven = "",
    before: PlaceGiven = "",
    at: PlaceGiven = "",
    decided: DecidedGiven = "",
) -> Response:
    """The value at a place, the first behind it, or the last in front of it; the first of all where none is named."""
    caller, walk = visitor.caller, Walk(schema, _steps(decided))
    with caller.sessions() as session:
        found, around = _found(session, caller, schema, after, before, at)
        shown = None if found is None else _shown(session, caller, found)
    answer = _page(visitor, walk, shown, around=around)
    if request.headers.get("hx-request"):
        answer.headers["HX-Push-Url"] = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return answer


@router.post("")
def decide(
    visitor: ChangingVisitorDep,
    at: TextInForm,
    said: DecisionDep,
    narrowed: NarrowedInForm = "",
    steps: TextInForm = "",
) -> Response:
    """Let a decision count, and go on to the next value.

    Where somebody else decided meanwhile, nothing is overwritten: the value comes again as it is now.
    """
    caller, walk, place = visitor.caller, Walk(narrowed, _steps(steps)), Place.of_cursor(at)
    try:
        with caller.sessions.begin() as session:
            record, read, path = _at(session, caller, place)
            target = Target(caller.workspace_id, record.document_id, read, path, said.mark)
            made = decided(session, target, said, caller.name)
            walk = Walk(narrowed, (*walk.decided, made.id)[-STEPS_BACK:])
    except ValueChanged as error:
        return _again(visitor, walk, place, error, said.raw)
    return RedirectResponse(walk.address(after=at), _SEE_OTHER)


@router.post("/undo")
def undo(visitor: ChangingVisitorDep, steps: TextInForm = "", narrowed: NarrowedInForm = "") -> Response:
    """Take the last decision back, and show its value as it was before. What was decided again since stays."""
    caller, told = visitor.caller, _steps(steps)
    if not told:
        return RedirectResponse(Walk(narrowed, ()).address(), _SEE_OTHER)
    walk = Walk(narrowed, told[:-1])
    try:
        with caller.sessions.begin() as session:
            place = _place_of(session, caller, take_back(session, caller.workspace_id, told[-1], caller.name))
    except FolioscopeError as error:  # it is gone, or was decided again: the steps before it are still there
        with caller.sessions() as session:
            found, around = _found(session, caller, narrowed, "", "", "")
            shown = None if found is None else _shown(session, caller, found)
        return _page(visitor, walk, shown, around=around, changed=error.detail, status=error.status)
    return RedirectResponse(walk.address(at=place.as_cursor()), _SEE_OTHER)


def _page(visitor: Visitor, walk: Walk, shown: Shown | None, *, around: bool = False, **more: Any) -> Response:
    caller = visitor.caller
    status = more.pop("status", 200)
    with caller.sessions() as session:
        left = review.count_waiting(session, caller.workspace_id, walk.schema or None)
        everything = review.count_waiting(session, caller.workspace_id) if walk.schema else left
        names = [one.name for one in schemas.list_schemas(session, caller.workspace_id)]
        has_records = left > 0 or _has_documents(session, caller)
        ahead = _picture_ahead(session, caller, walk, shown)
    said: dict[str, Any] = {"changed": "", "typed": None, **more}
    return render(
        visitor,
        "review.html",
        status=status,
        walk=walk,
        shown=shown,
        left=left,
        everything=everything,
        names=names,
        has_documents=has_records,
        around=around,
        ahead=ahead,
        **said,
    )


def _again(visitor: Visitor, walk: Walk, place: Place, error: ValueChanged, typed: str) -> Response:
    """A value that is another one by now, with what was typed."""
    with visitor.caller.sessions() as session:
        record, schema, _ = _at(session, visitor.caller, place)
        shown = _shown(session, visitor.caller, Waiting(place, record.document_id, schema.id))
    return _page(visitor, walk, shown, changed=error.detail, typed=typed or None, status=error.status)


def _found(
    session: Session, caller: Caller, schema: str, after: str, before: str, at: str
) -> tuple[Waiting | None, bool]:
    """Which value to show; and whether the end was reached and the first comes again."""
    if at:
        place = Place.of_cursor(at)
        record, read, _ = _at(session, caller, place)
        return Waiting(place, record.document_id, read.id), False
    mine = (session, caller.workspace_id, schema or None)
    if before:
        found = review.waiting(*mine, before=Place.of_cursor(before))
    else:
        found = review.waiting(*mine, after=Place.of_cursor(after) if after else None)
    if found or not (after or before):
        return (found[0] if found else None), False
    found = review.waiting(*mine)
    return (found[0] if found else None), bool(found)


def _shown(session: Session, caller: Caller, found: Waiting) -> Shown:
    record, schema, path = _at(session, caller, found.place)
    document = documents.get_document(session, caller.workspace_id, record.document_id)
    value = shown_value(record, schema, path)
    pages = {page.number: page for page in documents.pages_of(session, document.id)}
    target = schemas.wanted_of(schema.body).target
    return Shown(found.place, document, schema, value, pages.get(value.page or 1), len(pages), target)


def _at(session: Session, caller: Caller, place: Place) -> tuple[Record, Schema, str]:
    """The record, schema and path of a place. Raises RecordNotFound and FieldNotFound, through the wall, too."""
    record, schema = review.record_at(session, caller.workspace_id, place)
    return record, schema, schemas.wanted_of(schema.body).path_of(place.field, place.row)


def _place_of(session: Session, caller: Caller, said: Correction) -> Place:
    """Where the value of a correction stands in the queue, also where it needs no review. Raises RecordNotFound."""
    cell = CELL.fullmatch(said.field)
    field, row = (f"{cell['table']}.{cell['column']}", int(cell["row"])) if cell else (said.field, -1)
    for record in records.of_schema_name(session, said.document_id, said.schema_name):
        place = review.find_place(session, caller.workspace_id, record.id, field, row)
        if place is not None:
            return place
    for record in records.of_schema_name(session, said.document_id, said.schema_name):
        return Place(0.0, record.id, field, row)
    raise RecordNotFound


def _picture_ahead(session: Session, caller: Caller, walk: Walk, shown: Shown | None) -> str:
    """The picture that the next value needs, for the browser to fetch meanwhile; nothing at the end."""
    if shown is None:
        return ""
    found = review.waiting(session, caller.workspace_id, walk.schema or None, after=shown.place)
    return _shown(session, caller, found[0]).picture if found else ""


def _has_documents(session: Session, caller: Caller) -> bool:
    return bool(documents.list_documents(session, caller.workspace_id, None, 1).items)


def _steps(told: str) -> tuple[str, ...]:
    ids = (one for one in told.split(",") if one.isalnum())
    return tuple(ids)[-STEPS_BACK:]
