"""A document's label from those of its pages, by their confidences; and the pages that say otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass

SUPPORT = 0.5  # what another page's word counts for: pages of one document are not independent witnesses


@dataclass(frozen=True, slots=True)
class PageLabel:
    """What one page was found to be. Without a label none of them fits, or there is nothing on it."""

    page: int
    label: str | None
    confidence: float | None  # None where the model gives none
    blank: bool = False


@dataclass(frozen=True, slots=True)
class DocumentLabel:
    """What a document is by its pages, and the pages that have another label, or none."""

    label: str | None
    confidence: float | None
    page: int | None  # the surest page that says so
    differing: tuple[PageLabel, ...]


def judge(pages: Iterable[PageLabel]) -> DocumentLabel:
    """The label with most of the pages' confidence behind it; None where no page has one.

    The surest page's doubt is made smaller by each page that agrees, and the rest is shared with labels that other
    pages have, by their confidences. A page that fits no label speaks against none, as later pages of a letter do, but
    is told among those that differ; blank pages say nothing.
    """
    speaking = [page for page in pages if not page.blank]
    votes: dict[str, list[PageLabel]] = {}
    for page in speaking:
        if page.label is not None:
            votes.setdefault(page.label, []).append(page)
    if not votes:
        return DocumentLabel(None, _least(speaking), None, ())
    label, behind = max(votes.items(), key=lambda vote: (_weight(vote[1]), -vote[1][0].page))
    share = _weight(behind) / max(sum(map(_weight, votes.values())), 1e-9)
    surest = max(behind, key=lambda page: (_sure(page), -page.page))
    known = all(page.confidence is not None for page in behind)
    others = tuple(page for page in speaking if page.label != label)
    return DocumentLabel(label, share * _together(behind) if known else None, surest.page, others)


def _sure(page: PageLabel) -> float:
    return 1.0 if page.confidence is None else page.confidence


def _weight(pages: Iterable[PageLabel]) -> float:
    return sum(map(_sure, pages))


def _together(pages: Iterable[PageLabel]) -> float:
    """The best one's doubt, made smaller by each of the others."""
    best, *others = sorted(map(_sure, pages), reverse=True)
    doubt = 1 - best
    for other in others:
        doubt *= 1 - SUPPORT * other
    return 1 - doubt


def _least(pages: list[PageLabel]) -> float | None:
    """That no label fits any page is no surer than of the page where it is least sure."""
    known = [page.confidence for page in pages if page.confidence is not None]
    return min(known, default=None)
