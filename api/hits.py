"""What the client hands out of a search: the pages that were found."""

from dataclasses import dataclass

from api.results import WireBox
from core.records import ReadingSource


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a page's text; `marks` are the beginnings and ends of what was found in it."""

    text: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class FoundValue:
    """A value by which a page was found."""

    field: str
    raw: str
    box: WireBox | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that a search found. `source` None: by its values alone."""

    document_id: str
    document_name: str
    page: int
    score: float
    snippet: Snippet
    boxes: tuple[WireBox, ...] = ()
    values: tuple[FoundValue, ...] = ()
    source: ReadingSource | None = None
