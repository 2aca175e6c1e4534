"""Shared enums and the frozen records that travel between rooms."""

from dataclasses import dataclass
from enum import StrEnum


class DocumentState(StrEnum):
    """Where a document stands between upload and readable pages."""

    RASTERIZING = "rasterizing"
    READY = "ready"
    FAILED = "failed"
    NEEDS_PASSWORD = "needs_password"  # noqa: S105 - a state, not a secret


class PageState(StrEnum):
    """Whether a page has an image yet."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class JobKind(StrEnum):
    """What a job does with its pages. `rasterize` is planned by the service itself, at upload; `chat` is soon gone."""

    RASTERIZE = "rasterize"
    EXTRACT = "extract"
    ASK = "ask"
    CHAT = "chat"


class JobState(StrEnum):
    """Where a job stands. Only the last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL_JOB_STATES = frozenset({JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED})


class ItemState(StrEnum):
    """The page ledger's states: `waiting -> leased -> done | failed | cancelled`."""

    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL_ITEM_STATES = frozenset({ItemState.DONE, ItemState.FAILED, ItemState.CANCELLED})


class Queue(StrEnum):
    """The three lines of work; a worker says which of them it serves."""

    RASTERIZE = "rasterize"
    BULK = "bulk"
    INTERACTIVE = "interactive"


class ValueState(StrEnum):
    """What became of a field on a page."""

    FOUND = "found"
    ABSENT = "absent"
    UNREADABLE = "unreadable"


class StopReason(StrEnum):
    """Why a generation ended. Only `end` makes a value; the others are failures to report."""

    END = "end"
    BUDGET = "budget"
    LOOP = "loop"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the upright page, as shares 0..1 of its width and height, origin top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    def as_list(self) -> list[float]:
        """`[x0, y0, x1, y1]`, rounded to five places: the form on the wire and in rows."""
        return [round(v, 5) for v in (self.x0, self.y0, self.x1, self.y1)]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a page's own text layer and where it stands."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What one page says about one field."""

    field: str
    state: ValueState
    raw: str | None  # as read; None unless found
    confidence: float | None  # 0..1 from token probabilities; None where the backend gives none
    box: Box | None
    inference_key: str | None  # the inference it came from
    reason: str | None = None  # why unreadable: an error code


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on items: only who holds owner and attempt may finish them."""

    owner: str
    items: tuple["ClaimedItem", ...]


@dataclass(frozen=True, slots=True)
class ClaimedItem:
    """One leased item with what a worker needs to start on it."""

    id: int
    attempt: int
    workspace_id: str
    job_id: str
    job_kind: JobKind
    queue: Queue
    document_id: str  # empty for a chat
    first_page: int  # 1-based
    last_page: int  # inclusive; equals first_page for model work


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: its items by state."""

    total: int
    waiting: int
    leased: int
    done: int
    failed: int
    cancelled: int
