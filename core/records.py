"""Shared enums, the frozen records that travel between rooms, and when two texts score as equal."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class DocumentState(StrEnum):
    """Where a document stands between upload and readable pages."""

    RASTERIZING = "rasterizing"
    READY = "ready"
    FAILED = "failed"
    NEEDS_PASSWORD = "needs_password"  # noqa: S105 - a state, not a secret


class DocumentOrder(StrEnum):
    """How a list of documents is ordered: by when they came, by name without case, or by pages, most first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    PAGES = "pages"


class PageState(StrEnum):
    """Whether a page has an image yet."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class JobKind(StrEnum):
    """What a job does with its pages. The service plans `rasterize` itself; the last three are soon gone."""

    RASTERIZE = "rasterize"
    EXTRACT = "extract"
    READ = "read"  # whole pages, for search; one box of one page where a correction asks for it
    ASK = "ask"
    DESCRIBE = "describe"  # what a page shows, or a region of it, in a sentence or two
    CLASSIFY = "classify"  # which of some labels fits a page, and its document
    LOCATE = "locate"  # where on its pages something stands
    EMBED = "embed"  # what pages look like, for visual search
    FIND = "find"  # which pages look like what a text says; as short-lived as a chat
    CHAT = "chat"
    PREVIEW = "preview"  # what a schema that is still being written reads from one page


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


class FieldKind(StrEnum):
    """What the value of a field is, beyond its text."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"  # one of the schema's enum
    DATE = "date"
    MONEY = "money"
    IBAN = "iban"
    VAT = "vat"
    EMAIL = "email"
    PHONE = "phone"
    COUNTRY = "country"


class Decision(StrEnum):
    """Whether a value is sure enough for the target of its schema."""

    ACCEPTED = "accepted"
    NEEDS_REVIEW = "needs_review"


class ReadingSource(StrEnum):
    """Where the text of a page comes from."""

    LAYER = "layer"  # the PDF's own words
    HIDDEN = "hidden"  # its own words that nobody sees, under a scan: to be found by, and evidence of nothing
    MODEL = "model"  # what a model transcribed
    BLANK = "blank"  # there is nothing on it, told by its pixels


class LayerVerdict(StrEnum):
    """What the page's own text layer says of a value that was read from its pixels."""

    AGREES = "agrees"
    SNAPPED = "snapped"  # a near miss: the value took the layer's characters
    CLASHES = "clashes"


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
    hidden: bool = False  # nobody sees it: it is under a scan


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What one page says about one field."""

    field: str  # its path; of a cell with its row on this page, from 0: `line_items[2].amount`
    state: ValueState
    raw: str | None  # as read; None unless found
    confidence: float | None  # 0..1 from token probabilities; None where the backend gives none
    box: Box | None
    inference_key: str | None  # the inference it came from
    reason: str | None = None  # why unreadable: an error code
    verified: bool | None = None  # whether reading its box alone gave it again; None: not tried
    layer: LayerVerdict | None = None  # None: the layer says nothing here
    seen: str | None = None  # as the model read it, where `raw` took the layer's characters


@dataclass(frozen=True, slots=True)
class TypedValue:
    """What a text means under the kind of its field.

    `value` is plain JSON: a text, a number, a truth value; a date as `2025-04-03`; money as `{"amount": "1204.00",
    "currency": "USD"}`, its currency None where nothing says it; codes without blanks; a phone number as E.164; a
    country as ISO 3166 alpha-2. None where the text means none such, or more than one.
    """

    value: Any
    problem: str | None = None  # `not-a-date`, `ambiguous-date`, `bad-checksum`, ...; None: it is what it should be
    readings: tuple[Any, ...] = ()  # of an ambiguous text: what it may mean


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


def caseless(text: str) -> str:
    """A text as it is scored: white space and case do not count, every other character does."""
    return " ".join(text.split()).casefold()
