"""From findings to shapes on the wire: what a page said, and what that makes of its document."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from api.wire.looking import MOST_DIFFERING, DifferingOut, DocumentFindingOut, FindingOut
from api.wire.parts import Failure
from core.records import ItemState, JobKind
from storage.findings import DocumentFindings, PageFinding
from workers.labels import DocumentLabel, PageLabel, judge

State: TypeAlias = Literal["found", "nothing", "blank", "failed", "waiting", "cancelled"]
_NOTHING_YET: dict[ItemState, State] = {
    ItemState.WAITING: "waiting",
    ItemState.LEASED: "waiting",
    ItemState.FAILED: "failed",
    ItemState.CANCELLED: "cancelled",
}


def finding_out(finding: PageFinding) -> FindingOut:
    """What a page said."""
    said = finding.result
    return FindingOut(
        document=finding.document_id,
        document_name=finding.document_name,
        page=finding.page,
        state=_state(finding),
        text=said.get("text"),
        confidence=said.get("confidence"),
        box=said.get("box"),
        places=said.get("places") or [],
        model=said.get("model"),
        error=_failure(finding.error_code, finding.error_detail),
    )


def document_out(kind: JobKind, findings: DocumentFindings) -> DocumentFindingOut:
    """What a document's pages said together, to a job of this kind."""
    done = [page for page in findings.pages if page.state is ItemState.DONE]
    with_it = [page for page in done if page.result.get("text")]
    judged = _judged(done) if kind is JobKind.CLASSIFY else None
    told = _classified(judged, with_it) if judged else _told(kind, with_it)
    differing = () if judged is None else judged.differing
    return DocumentFindingOut(
        document=findings.document_id,
        document_name=findings.document_name,
        pages=len(findings.pages),
        pages_open=sum(page.state in {ItemState.WAITING, ItemState.LEASED} for page in findings.pages),
        pages_failed=sum(page.state is ItemState.FAILED for page in findings.pages),
        differing=[
            DifferingOut(page=page.page, text=page.label, confidence=page.confidence)
            for page in differing[:MOST_DIFFERING]
        ],
        differing_count=len(differing),
        error=_failure(findings.error_code, findings.error_detail),
        **told,
    )


def _state(finding: PageFinding) -> State:
    if finding.state is not ItemState.DONE:
        return _NOTHING_YET[finding.state]
    if finding.result.get("blank"):
        return "blank"
    return "nothing" if finding.result.get("text") is None else "found"


def _judged(done: Sequence[PageFinding]) -> DocumentLabel:
    return judge(
        PageLabel(p.page, p.result.get("text"), p.result.get("confidence"), blank=bool(p.result.get("blank")))
        for p in done
    )


def _classified(judged: DocumentLabel, with_it: Sequence[PageFinding]) -> dict[str, Any]:
    """The label that the pages' come to, with the surest page that has it."""
    where = next((page for page in with_it if page.page == judged.page), None)
    return {
        "text": judged.label,
        "confidence": judged.confidence,
        "page": judged.page,
        "box": where and where.result.get("box"),
        "pages_with_it": sum(page.result["text"] == judged.label for page in with_it),
    }


def _told(kind: JobKind, with_it: Sequence[PageFinding]) -> dict[str, Any]:
    """Of descriptions the first, of places the surest."""
    chosen = next(iter(with_it), None)
    if kind is JobKind.LOCATE and with_it:
        chosen = max(with_it, key=lambda page: (page.result.get("confidence") or 0.0, -page.page))
    said = {} if chosen is None else chosen.result
    return {
        "text": said.get("text"),
        "confidence": said.get("confidence"),
        "page": None if chosen is None else chosen.page,
        "box": said.get("box"),
        "pages_with_it": len(with_it),
    }


def _failure(code: str | None, detail: str | None) -> Failure | None:
    return None if code is None else Failure(code=code, detail=detail)
