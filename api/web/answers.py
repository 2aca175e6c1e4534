"""An answer as a person reads it: in words, with the part of the page where it stands, or how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from api.routes.given import id_or_nobody
from api.shapes import FEW_GAPS, job_out
from api.web.frames import frame_of
from api.wire.jobs import JobOut
from api.wire.questions import AnswerOut, CitationOut, EvidenceOut, LookedAtOut
from core.errors import DocumentNotFound, JobNotFound, PageNotFound
from core.records import FINAL_JOB_STATES, JobKind, JobState
from storage import documents, jobs, questions
from storage.database import Session
from storage.questions import PageInHand
from storage.tables import Job

_AROUND = (0.25, 0.07)  # of the page's width and height, shown on each side of a box
_LEAST = (0.7, 0.2)  # of them, shown at least

Sides = tuple[int, int, int, int]  # x, y, width, height


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of a page's picture around a box, in pixels of the picture."""

    width: int
    height: int  # of the whole picture
    shown: Sides
    box: Sides | None


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """A question with its answer, or with what is being done for it."""

    id: str  # of its job
    question: str
    state: JobState
    job: JobOut | None  # of a question that has no answer yet, or came to none
    answer: AnswerOut | None
    said: str  # the answer in words, without what is offered as a button
    excerpt: Excerpt | None
    searched: dict[str, Any]
    pages: tuple[PageInHand, ...]  # looked at so far

    @property
    def open(self) -> bool:
        """Whether there is something to wait for."""
        return self.state not in FINAL_JOB_STATES

    @property
    def mark(self) -> str:
        """Another one whenever there is something else to show."""
        return f"{self.state.value}-{len(self.pages)}-{self.job.progress.total if self.job else 0}"


def shown_answer(session: Session, workspace_id: str, job_id: str) -> ShownAnswer:
    """A question as it is now. Raises JobNotFound, also for a job that is no question."""
    job = jobs.get_job(session, workspace_id, job_id)
    if job.kind is not JobKind.ASK:
        raise JobNotFound
    return shown_of(session, job)


def shown_of(session: Session, job: Job) -> ShownAnswer:
    """A question by its job's row; one that is answered needs nothing else, so that a long conversation is quick."""
    result = job.result if job.state in FINAL_JOB_STATES else None
    answer = AnswerOut.model_validate({**result, "job_id": job.id}) if result else None
    return ShownAnswer(
        id=job.id,
        question=str(job.params.get("question") or ""),
        state=job.state,
        job=None if answer else job_out(session, job, FEW_GAPS),
        answer=answer,
        said=_said(answer),
        excerpt=_excerpt(session, job.workspace_id, answer.evidence) if answer else None,
        searched=job.params.get("searched") or {},
        pages=() if answer else tuple(questions.pages_in_hand(session, job.id)),
    )


def address_of_place(place: EvidenceOut | CitationOut | LookedAtOut, schema: str | None = None) -> str:
    """Where a document is shown at a page and a box; of a row, at its value."""
    said: dict[str, Any] = {"page": place.page or 1}
    field, box = getattr(place, "field", None), getattr(place, "box", None)
    if schema:
        said["schema"] = schema
    if box:
        said["box"] = ",".join(f"{side:.4f}" for side in box)
    anchor = "#value-" + "".join(c if c.isalnum() else "-" for c in field) if schema and field else ""
    return f"/documents/{id_or_nobody(place.document)}?{urlencode(said, safe=',')}{anchor}"


def _said(answer: AnswerOut | None) -> str:
    if answer is None:
        return ""
    offer = answer.plan.offer if answer.plan else None
    return (answer.text or "").removesuffix(offer.text if offer else "").strip()


def _excerpt(session: Session, workspace_id: str, evidence: EvidenceOut | None) -> Excerpt | None:
    """Around the box of an answer; the upper part of a page whose answer has none. None where there is no picture."""
    if evidence is None:
        return None
    try:
        page = documents.get_page(session, workspace_id, evidence.document, evidence.page, with_words=False)
    except (DocumentNotFound, PageNotFound):  # deleted since
        return None
    if not page.image_width or not page.image_height:
        return None
    return _around(page.image_width, page.image_height, evidence.box)


def _around(width: int, height: int, box: Sequence[float] | None) -> Excerpt:
    if box is None:
        return Excerpt(width, height, (0, 0, width, height), None)
    x, shown_x = _span(box[0], box[2], _AROUND[0], _LEAST[0])
    y, shown_y = _span(box[1], box[3], _AROUND[1], _LEAST[1])
    shown = _pixels(x, y, shown_x, shown_y, width, height)
    return Excerpt(width, height, shown, _pixels(*frame_of(box), width, height))


def _span(first: float, last: float, around: float, least: float) -> tuple[float, float]:
    """What is shown of one side of a page, around a part of it: where it begins, and how long it is."""
    shown = min(1.0, max(least, last - first + 2 * around))
    return min(max(0.0, (first + last - shown) / 2), 1.0 - shown), shown


def _pixels(x: float, y: float, width: float, height: float, of_width: int, of_height: int) -> Sides:
    return round(x * of_width), round(y * of_height), round(width * of_width), round(height * of_height)
