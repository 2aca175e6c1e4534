"""A question, from its words to its job: answered at once from stored values, or by the pages that may know.

Routes, conversations and streams all begin here. It needs no model: the pages are asked by workers.
"""

from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from core.records import JobKind, Queue
from core.settings import Settings
from storage import jobs, questions
from storage.database import Session, clock
from storage.jobs import NewJob
from storage.tables import Job
from workers.scopes import EVERYTHING, Scope, documents_in
from workers.vlm.catalog import Catalog


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
    exact = _exact(session, workspace_id, asked.question, document_ids, clock(session).date())
    if exact is not None:
        return questions.answer_at_once(session, workspace_id, new, exact)
    return jobs.plan(session, workspace_id, new, document_ids, settings.ask_max_pages)


def _exact(
    session: Session, workspace_id: str, question: str, document_ids: list[str] | None, today: date
) -> dict[str, Any] | None:
    """The result of a question that stored values answer; None: it has to be read.

    `workers.plans.exact_answer` gives None, or an object with `text` and `plan`, the plan as it stands on the wire;
    `found` False says that the plan is right and yet there is no answer, as where a field was never extracted.
    """
    if find_spec("workers.plans") is None:
        return None
    found = import_module("workers.plans").exact_answer(session, workspace_id, question, document_ids, today)
    return None if found is None else exact_result(found)


def exact_result(found: Any) -> dict[str, Any]:
    """An exact answer as its job keeps it. Its evidence is its first citation that stands on a page."""
    plan = dict(found.plan)
    is_found = bool(getattr(found, "found", found.text is not None))
    cited = [one for one in plan.get("citations") or () if one.get("page") is not None]
    evidence = {name: cited[0].get(name) for name in ("document", "document_name", "page", "box")} if cited else None
    return {
        "state": "found" if is_found else "not_found",
        "kind": "exact",
        "text": found.text,
        "confidence": None,
        "evidence": evidence if is_found else None,
        "supported_by": [],
        "alternatives": [],
        "pages_looked_at": 0,
        "pages_unreadable": 0,
        "not_looked_at": 0,
        "looked_at": [],
        "searched": {"words": [], "pages": 0, "unread": 0},
        "plan": plan,
    }
