"""A question: asked of each page by itself, then one answer from all pages, or an honest "not in these documents"."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.records import Box, ClaimedItem
from storage import inferences, jobs, ledger
from storage.blobs import BlobStore
from storage.database import Session, Sessions
from workers.best import Reading, supported
from workers.infer import Inference, confidence_of, failure_of, infer, is_kept, rows_of
from workers.pages import find_picture
from workers.transcribe import put_along, reading_along
from workers.vlm.interface import Model, Prompt, PromptKind

MOST_ALTERNATIVES = 5


@dataclass(frozen=True, slots=True)
class PageReply:
    """What one page said to the question."""

    document_id: str
    page: int
    result: Mapping[str, Any]  # as the item keeps it


def answer_page(
    sessions: Sessions, blobs: BlobStore, model: Model, owner: str, item: ClaimedItem, cancelled: Callable[[], bool]
) -> None:
    """Ask the job's question of the item's page, and finish the item with the reply. Fails as `extract_page` does."""
    with sessions() as session:
        picture = find_picture(session, item)
        question = question_asked(session, item)
    made: list[Inference] = []
    if not picture.blank:
        made = infer(sessions, blobs, model, item.workspace_id, picture.sha256, [question], cancelled)
    along = reading_along(sessions, blobs, model, item, picture, made, cancelled)
    with sessions.begin() as session:
        ledger.finish(session, owner, item.id, item.attempt, reply_of(made[0]) if made else {"text": None})
        inferences.store(session, item.workspace_id, rows_of(made, picture.sha256, model.identity))
        put_along(session, item, picture, along)


def question_asked(session: Session, item: ClaimedItem) -> Prompt:
    """The question of the item's job."""
    question = str(jobs.get_job(session, item.workspace_id, item.job_id).params["question"])
    return Prompt("answer", PromptKind.QUESTION, question)


def reply_of(inference: Inference) -> dict[str, Any]:
    """An inference as the item keeps it. One that failed in any way has no text, and says why."""
    generation = inference.generation
    failure = failure_of(generation)
    if failure is not None:
        return {"text": None, "reason": failure, "inference": inference.key if is_kept(inference) else None}
    return {
        "text": generation.text,
        "confidence": confidence_of(generation),
        "box": generation.box.as_list() if generation.box else None,
        "inference": inference.key,
    }


def choose_answer(
    replies: Sequence[PageReply], names: Mapping[str, str], threshold: float, not_looked_at: int, failed: int = 0
) -> dict[str, Any]:
    """The job's result: the most confident text, where pages that say the same support each other.

    Under the threshold nothing is answered, and what was read stands among the alternatives. `names` are the documents'
    names by id; `failed` pages gave no reply at all.
    """
    readings = [
        Reading(str(r.result["text"]), r.result.get("confidence"), r.document_id, r.page, _box(r.result.get("box")))
        for r in replies
        if r.result.get("text")
    ]
    entries = [_entry(reading, names) for reading in supported(readings)]
    sure = bool(entries) and (entries[0]["confidence"] is None or entries[0]["confidence"] >= threshold)
    best, others = (entries[0], entries[1:]) if sure else (_nothing(), entries)
    unreadable = failed + sum("reason" in r.result for r in replies)
    return best | {
        "state": "found" if sure else "not_found",
        "alternatives": others[:MOST_ALTERNATIVES],
        "pages_looked_at": len(replies),
        "pages_unreadable": unreadable,
        "not_looked_at": not_looked_at,
    }


def _entry(reading: Reading, names: Mapping[str, str]) -> dict[str, Any]:
    evidence = {
        "document": reading.document_id,
        "document_name": names.get(reading.document_id),
        "page": reading.page,
        "box": reading.box.as_list() if reading.box else None,
    }
    return {"text": reading.text, "confidence": reading.confidence, "evidence": evidence}


def _nothing() -> dict[str, Any]:
    return {"text": None, "confidence": None, "evidence": None}


def _box(sides: Iterable[float] | None) -> Box | None:
    return None if sides is None else Box(*sides)
