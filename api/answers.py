"""Answers as the client hands them out: what was read, what was worked out, and what either rests on."""

from dataclasses import dataclass, field
from typing import Any

from api.results import WireBox


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer stands."""

    document: str
    document_name: str | None
    page: int
    box: WireBox | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that was not chosen."""

    text: str | None
    confidence: float | None
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A page that the model was asked about."""

    document: str
    document_name: str | None
    page: int


@dataclass(frozen=True, slots=True)
class Searched:
    """What pages were searched for, how many there were, and how many nobody has read yet."""

    words: tuple[str, ...] = ()
    pages: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Citation:
    """A value that an exact answer rests on."""

    document: str
    document_name: str | None
    page: int | None
    box: WireBox | None = None
    record: str | None = None
    field: str | None = None
    text: str | None = None
    number: int | float | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A document whose value an exact answer lacks."""

    document: str
    document_name: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Group:
    """One of the groups that an exact answer has."""

    key: Any
    number: int | float | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An extraction that would let the question be answered, and what it would take."""

    schema: str
    pages: int
    model_calls: int
    command: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How an exact answer was come to: a query over records, in words, and the rows that it rests on."""

    words: str
    intent: str
    schema: str | None = None
    version: int | None = None
    where: str | None = None  # a filter that `records` takes, too
    number: int | float | None = None
    typed: Any = None
    currency: str | None = None
    groups: tuple[Group, ...] = ()
    rows: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    citations: tuple[Citation, ...] = ()  # the first; all of them: `Client.citations`
    unsure: tuple[Citation, ...] = ()
    missing: tuple[Missing, ...] = ()
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to a question. `state` is `found`, or `not_found` for "not in these documents"."""

    state: str
    text: str | None
    confidence: float | None
    evidence: Evidence | None
    alternatives: tuple[Candidate, ...] = ()
    pages_looked_at: int = 0
    pages_unreadable: int = 0
    not_looked_at: int = 0
    job_id: str | None = None
    kind: str = "read"  # or `exact`: worked out from stored values
    supported_by: tuple[Evidence, ...] = ()
    looked_at: tuple[LookedAt, ...] = ()  # at most fifty
    searched: Searched = Searched()
    plan: Plan | None = None

    @property
    def found(self) -> bool:
        """Whether the documents answer the question."""
        return self.state == "found"
