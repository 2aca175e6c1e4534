"""A question, from its words to its job: answered at once from stored values, or by the pages that may know.

Routes, conversations and streams all begin here. It needs no model: the pages are asked by workers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import InvalidRequest
from core.records import JobKind, Queue
from core.settings import Settings
from storage import ask_pages, lookups, questions
from storage.ask_pages import PageRef
from storage.candidates import find_candidates
from storage.database import Session, clock
from storage.fusion import fuse
from storage.planning import NewJob
from storage.tables import Job
from workers.choice import choose_answer
from workers.estimate import Reader
from workers.field_meant import field_meant
from workers.plans import exact_answer
from workers.plans.archive import archive_answer
from workers.question import field_words, fitting, searched_words, sought_of, weights_of
from workers.scopes import EVERYTHING, Scope, documents_in
from workers.subject_words import about
from workers.vlm.catalog import Catalog

_JUDGED_FOR_ONE = 5  # candidates that are held against the question for each page that is looked at
_BEST_DOCUMENTS = 3  # whose other pages are looked at where there is room


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, of which documents, and by which model; None: the catalog's choice."""

    question: str
    scope: Scope = EVERYTHING
    model: str | None = None


def start_ask(session: Session, settings: Settings, catalog: Catalog, workspace_id: str, asked: Asked) -> Job:
    """The job of a question, in the caller's transaction; announce it after the commit.

    It is final at once where stored values answer exactly, or where no page can know. Raises DocumentNotFound,
    SchemaNotFound, InvalidFilter, InvalidRequest and UnknownModel.
    """
    model = catalog.chosen(asked.model, question=True)
    params: dict[str, Any] = {"question": asked.question, "scope": asked.scope.as_params()}
    new = NewJob(kind=JobKind.ASK, queue=Queue.INTERACTIVE, params=params, model=model)
    document_ids = documents_in(session, workspace_id, asked.scope)
    exact = _exact(session, workspace_id, asked.question, document_ids, Reader.of(catalog))
    if exact is not None:
        return questions.answer_at_once(session, workspace_id, new, exact)
    if asked.scope.documents == () or (document_ids is None and not ask_pages.has_documents(session, workspace_id)):
        raise InvalidRequest("There is no document to look at; upload one first.")
    is_seen = catalog.visual is not None and lookups.has_seen(session, workspace_id, str(catalog.visual.name))
    if is_seen or settings.plan_with_model:
        return ask_pages.plan_search(session, workspace_id, new)  # a worker has the models that this takes
    chosen = choose_pages(session, settings, workspace_id, asked, document_ids)
    new = replace(new, params=params | chosen.params)
    return ask_pages.plan_pages(session, workspace_id, new, chosen.pages, document_ids, _without_pages(chosen))


def go_on(
    session: Session, settings: Settings, job: Job, document_ids: Sequence[str] | None, seen: Sequence[PageRef]
) -> None:
    """Have a question that began with a search look at its pages, by words and by looks; `seen` look most like it."""
    asked = Asked(str(job.params["question"]), Scope.of(job.params.get("scope")))
    chosen = choose_pages(session, settings, job.workspace_id, asked, document_ids, seen)
    job.params = job.params | chosen.params
    ask_pages.add_pages(session, job, chosen.pages, document_ids, _without_pages(chosen))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The pages that a model is to look at, the likeliest first, and what the job keeps for the choice of an answer."""

    pages: tuple[PageRef, ...]
    params: dict[str, Any]


def choose_pages(
    session: Session,
    settings: Settings,
    workspace_id: str,
    asked: Asked,
    document_ids: Sequence[str] | None,
    seen: Sequence[PageRef] = (),
) -> Chosen:
    """The pages that may answer a question: those that fit best, and those that nobody has read yet.

    Where pages that were read fit, no more are taken of the others than of these. Pages that are still to be drawn are
    waited for only in documents that the question names, or where nothing in its scope was read yet.

    `seen` are pages that look like it, the best first: their order and that of the words are made one. A page that was
    read and lacks what the question is about is not looked at: its answer would not count.
    """
    taken = about(asked.question, field_words(session, workspace_id))
    strict = asked.scope.is_everything
    most = min(settings.ask_pages, settings.ask_max_pages)
    found = find_candidates(session, workspace_id, sought_of(taken), document_ids, most * _JUDGED_FOR_ONE)
    weights = weights_of(found.counts, found.searched)
    ranked = [PageRef(page.page_id, page.document_id, page.page) for page in found.pages]
    if seen:
        ranked = [page for page, _ in fuse(ranked, seen)][: most * _JUDGED_FOR_ONE]
    counting = fitting(session, taken, ranked, weights, strict=strict)
    best = counting[:most]
    if len(best) < most:
        more = _further(session, workspace_id, document_ids, ranked, most)
        best += fitting(session, taken, more, weights, strict=strict)[: most - len(best)]
    unread = ask_pages.count_unread(session, workspace_id, document_ids)
    room = settings.ask_max_pages - len(best)
    if ask_pages.count_read(session, counting[:most]):
        room = min(room, most)  # what fits was read: others are not to take minutes
    waits = asked.scope.documents is not None or not found.searched  # for pages that are still to be drawn
    waiting = ask_pages.find_unread(session, workspace_id, document_ids, room, drawn=not waits, hidden=not best)
    pages = tuple(dict.fromkeys([*best, *waiting]))
    left = unread - (len(pages) - ask_pages.count_read(session, pages))
    beyond = max(0, len(counting) - most) if taken.subjects else max(0, found.found - len(best))
    params = {
        "searched": {"words": searched_words(taken), "pages": found.searched, "unread": unread},
        "counts": dict(found.counts),
        "strict": strict,
        "field": field_meant(session, workspace_id, asked.question),
        "not_looked_at": beyond + max(0, left),
    }
    return Chosen(pages, params)


def _without_pages(chosen: Chosen) -> dict[str, Any]:
    """The answer where no page is worth a look."""
    return choose_answer([], {}, 0, chosen.params["not_looked_at"], searched=chosen.params["searched"])


def _further(
    session: Session, workspace_id: str, document_ids: Sequence[str] | None, known: Sequence[PageRef], limit: int
) -> list[PageRef]:
    """Pages that no word has found: the others of the documents that fit best, then those of the scope."""
    best = list(dict.fromkeys(page.document_id for page in known))[:_BEST_DOCUMENTS]
    without = [page.page_id for page in known]
    further = ask_pages.find_pages(session, workspace_id, best, limit, without) if best else []
    without += [page.page_id for page in further]
    return further + ask_pages.find_pages(session, workspace_id, document_ids, limit, without)


def _exact(
    session: Session, workspace_id: str, question: str, document_ids: Sequence[str] | None, reader: Reader
) -> dict[str, Any] | None:
    """The result of a question that the database answers; None: it has to be read."""
    today = clock(session).date()
    counted = archive_answer(session, workspace_id, question, document_ids, today)
    if counted is not None:
        return counted.result()
    found = exact_answer(session, workspace_id, question, document_ids, today, reader)
    return None if found is None else found.result()
