"""What is done with documents of the list: with one, or with all that were chosen."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api.caller import Caller
from api.routes.given import DocumentId, id_or_nobody
from api.routes.jobs import plan_job
from api.shapes import documents_out
from api.web.signing import HOME
from api.web.site import render
from api.web.visitor import ChangingVisitorDep, Visitor, VisitorDep
from api.wire.jobs import JobIn
from core.errors import InvalidRequest
from core.records import JobKind
from storage import documents, tags
from workers import send

router = APIRouter(prefix="/documents", include_in_schema=False)

MOST_CHOSEN = 1_000  # at a time
_MOST_NAMED = 20  # of those that are to be deleted

ChosenGiven = Annotated[list[str], Form(alias="documents", max_length=MOST_CHOSEN, default_factory=list)]
TextGiven = Annotated[str, Form(max_length=2_000)]
SchemaGiven = Annotated[str, Form(alias="schema", max_length=100)]
TagsGiven = Annotated[str, Form(alias="tags", max_length=2_000)]


@router.post("/chosen")
def act(
    visitor: ChangingVisitorDep,
    chosen: ChosenGiven,
    do: TextGiven = "",
    name: SchemaGiven = "",
    tag: TextGiven = "",
    back: TextGiven = HOME,
) -> Response:
    """Do one thing with all of these documents; with none, where one is not there, which raises DocumentNotFound."""
    caller, ids = visitor.caller, list(dict.fromkeys(map(id_or_nobody, chosen)))
    if not ids:
        raise InvalidRequest("Choose some documents first, by the boxes before their names.")
    with caller.sessions() as session:
        documents.check_all(session, caller.workspace_id, ids)
    match do:
        case "extract":
            return RedirectResponse(f"/jobs/{start_extraction(caller, name, ids)}", 303)
        case "ask":
            return RedirectResponse(f"/ask?{urlencode([('documents', one) for one in ids])}", 303)
        case "tag":
            with caller.sessions.begin() as session:
                tags.add_tags(session, caller.workspace_id, ids, tags.tags_in(tag))
            return RedirectResponse(_local(back), 303)
        case "delete":
            return _asked_again(visitor, ids, _local(back))
        case "delete-surely":
            with caller.sessions.begin() as session:
                for document_id in sorted(ids):
                    documents.delete_document(session, caller.workspace_id, document_id)
            return RedirectResponse(_local(back), 303)
    raise InvalidRequest("There is no such thing to do with documents.")


@router.post("/{document_id}/delete")
def delete(document_id: DocumentId, visitor: ChangingVisitorDep) -> Response:
    """Delete a document with all that was read from it, and show the list."""
    with visitor.caller.sessions.begin() as session:
        documents.delete_document(session, visitor.caller.workspace_id, document_id)
    return RedirectResponse(HOME, 303)


@router.get("/{document_id}/tags")
def show_tags(document_id: DocumentId, visitor: VisitorDep, edit: bool = False) -> Response:  # noqa: FBT001, FBT002 - a word of an address
    """The tags of a document, or the form of them."""
    return _tags(visitor, document_id, editing=edit)


@router.post("/{document_id}/tags")
def change_tags(
    request: Request,
    document_id: DocumentId,
    visitor: ChangingVisitorDep,
    said: Annotated[TextGiven, Form(alias="tags")] = "",
) -> Response:
    """Give a document these tags and no others."""
    caller = visitor.caller
    try:
        given = tags.tags_in(said)
    except InvalidRequest as error:
        return _tags(visitor, document_id, editing=True, said=said, wrong=str(error.detail))
    with caller.sessions.begin() as session:
        tags.set_tags(session, caller.workspace_id, document_id, given)
    if request.headers.get("hx-request") is None:
        return RedirectResponse(HOME, 303)
    return _tags(visitor, document_id, editing=False)


def start_extraction(caller: Caller, schema: str, document_ids: Sequence[str]) -> str:
    """Start a job over these documents, as the API does; its id. Raises SchemaNotFound and DocumentNotFound."""
    asked = JobIn.model_validate({"kind": JobKind.EXTRACT, "schema": schema, "documents": list(document_ids)})
    with caller.sessions.begin() as session:
        job_id = plan_job(session, caller, asked).id
    send.announce([asked.queue], caller.settings.redis_url)
    return job_id


def _asked_again(visitor: Visitor, ids: Sequence[str], back: str) -> Response:
    """The page that says how many would go, and asks."""
    with visitor.caller.sessions() as session:
        names = sorted(documents.names_of(session, ids).values())
    named, more = names[:_MOST_NAMED], max(0, len(names) - _MOST_NAMED)
    return render(visitor, "documents_delete.html", ids=ids, back=back, names=named, more=more)


def _tags(visitor: Visitor, document_id: str, *, editing: bool, **more: Any) -> Response:
    with visitor.caller.sessions() as session:
        document = documents.get_document(session, visitor.caller.workspace_id, document_id)
        (shown,) = documents_out(session, [document])
    template = "tags_form.html" if editing else "tags.html"
    return render(visitor, template, document=shown, **({"said": ", ".join(shown.tags), "wrong": ""} | more))


def _local(place: str) -> str:
    """A place of the list; what leads elsewhere leads to its beginning."""
    return place if place.startswith(f"{HOME}?") and place.isprintable() else HOME
