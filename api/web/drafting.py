"""A schema made or changed by a form: rows added and moved, tried on a page, and saved as a new version."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from api.routes.given import SchemaNamed, Version, id_or_nobody
from api.web.draft_bodies import draft_of_body
from api.web.drafts import KINDS, Built, Draft, DraftField, build, changed, draft_of_form, last_in
from api.web.site import render
from api.web.visitor import ChangingVisitorDep, Visitor, VisitorDep
from core.errors import InvalidSchema, SchemaNotFound
from core.records import DocumentState
from storage import documents, schemas
from storage.tables import Schema
from workers.suggesting import suggest_from

router = APIRouter(prefix="/schemas", include_in_schema=False)

CHOICE = 50  # documents to try a draft on, or to suggest one from
_MOST_FROM = 20  # documents that a suggestion is made from
_LONGEST_FORM = 400_000  # characters of all that a form says
_NEW = Draft(fields=(DraftField(),))


async def draft_of(request: Request) -> tuple[Draft, str]:
    """What the form says, and what is to be done with it: the button's `do`. Raises InvalidSchema."""
    form = {key: str(value) for key, value in (await request.form(max_fields=5_000)).items()}
    if sum(len(value) for value in form.values()) > _LONGEST_FORM:
        raise InvalidSchema("The form says more than a schema may.")
    return draft_of_form(form), form.get("do", "")


DraftGiven = Annotated[tuple[Draft, str], Depends(draft_of)]
FromDocuments = Annotated[list[str] | None, Query(max_length=_MOST_FROM)]


@router.get("/new")
def show_new(visitor: VisitorDep, documents: FromDocuments = None) -> Response:
    """An empty form; or one that is suggested from the texts of some documents."""
    if not documents:
        return _editor(visitor, _NEW)
    caller = visitor.caller
    with caller.sessions() as session:
        body = suggest_from(session, caller.workspace_id, [id_or_nobody(one) for one in documents])
    if not body["properties"]:
        said = "No label with a value was found in their texts. Were these documents read yet? Else write the fields."
        return _editor(visitor, _NEW, {"": [said]})
    return _editor(visitor, draft_of_body("", body), suggested=len(documents))


@router.get("/{name}/edit")
def show_edit(name: SchemaNamed, visitor: VisitorDep, version: Version = None) -> Response:
    """The form of a version, to make the next one of it."""
    with visitor.caller.sessions() as session:
        schema = schemas.get_schema(session, visitor.caller.workspace_id, name, version)
        latest = schemas.get_schema(session, visitor.caller.workspace_id, name)
    return _editor(visitor, draft_of_body(name, schema.body, latest.version))


@router.post("/draft")
def change(visitor: ChangingVisitorDep, given: DraftGiven) -> Response:
    """The form after a button: a row more or less, another order, as text or as rows again. Nothing is saved."""
    draft, act = given
    if act == "text":
        built = build(draft)
        text = json.dumps(built.body, indent=2, ensure_ascii=False)
        return _editor(visitor, _replaced(draft, as_text=True, text=text), built.faults)
    if act == "rows":
        built = build(draft)
        if built.faults:
            return _editor(visitor, draft, built.faults)
        return _editor(visitor, draft_of_body(draft.name, built.body, draft.base))
    after = changed(draft, act)
    return _editor(visitor, after, focus=last_in(after, act.removeprefix("add:")) if act.startswith("add:") else None)


@router.post("")
def save(visitor: ChangingVisitorDep, given: DraftGiven) -> Response:
    """Add the version, and show it; or the form again, with what is wrong beside what it is wrong with."""
    draft, _ = given
    caller, built = visitor.caller, build(draft)
    if built.faults:
        return _editor(visitor, draft, built.faults, status=422)
    with caller.sessions.begin() as session:
        latest = _latest(session, caller.workspace_id, draft.name)
        if latest is not None and latest.version != draft.base:
            said = (
                f"Version {latest.version} of {draft.name} is there already. Save again, and this will be the next one."
            )
            return _editor(visitor, _replaced(draft, base=latest.version), {"": [said]}, status=409)
        if latest is not None and _says_the_same(latest.body, built.body):
            return RedirectResponse(f"/schemas/{draft.name}?saved=same", 303)
        try:
            saved = schemas.add_schema(session, caller.workspace_id, draft.name, built.body)
        except InvalidSchema as error:
            return _editor(visitor, draft, faults_of(error, built), status=422)
        place = f"/schemas/{saved.name}?version={saved.version}&saved=yes"
    return RedirectResponse(place, 303)


def faults_of(error: InvalidSchema, built: Built) -> dict[str, list[str]]:
    """What is wrong with a body, by the rows of the form that say so; each with its JSON pointer."""
    told = error.facts.get("faults")
    if not isinstance(told, list):
        built.fault("name" if "name has" in error.detail else "", error.detail)
        return built.faults
    for one in told:
        pointer, detail = str(one["pointer"]), str(one["detail"])
        built.blame(pointer, f"At {pointer}: {detail}" if pointer else detail)
    return built.faults


def _latest(session: Any, workspace_id: str, name: str) -> Schema | None:
    try:
        return schemas.get_schema(session, workspace_id, name)
    except SchemaNotFound:
        return None


def _says_the_same(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether only the order of words differs, and not that of fields."""
    return before == after and schemas.wanted_of(before) == schemas.wanted_of(after)


def _replaced(draft: Draft, **changes: Any) -> Draft:
    return Draft(**{name: getattr(draft, name) for name in Draft.__slots__} | changes)


def _editor(
    visitor: Visitor,
    draft: Draft,
    faults: dict[str, list[str]] | None = None,
    *,
    status: int = 200,
    focus: str | None = None,
    suggested: int = 0,
) -> Response:
    """The page of the form."""
    with visitor.caller.sessions() as session:
        ready = documents.list_documents(session, visitor.caller.workspace_id, None, CHOICE, DocumentState.READY)
        choice = [(one.id, one.name) for one in ready.items]
    return render(
        visitor,
        "schema_editor.html",
        status=status,
        draft=draft,
        faults=faults or {},
        kinds={kind: words for kind, (words, _, _) in KINDS.items()},
        focus=focus,
        choice=choice,
        suggested=suggested,
    )
