"""Requests and generations: the one interface between the workers and every kind of model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from PIL import Image

from core.records import Box, FieldKind, StopReason


class PromptKind(StrEnum):
    """What is asked of a page: a field, a question, what is printed on it, what it shows, or where something is."""

    FIELD = "field"  # by its description
    QUESTION = "question"  # in plain words
    READ = "read"  # the page's text, or a region's, as lines
    LOCATE = "locate"  # where a given text stands
    CLASSIFY = "classify"  # which of the given labels fits, or none of them
    DESCRIBE = "describe"  # what the page shows, or a region of it, in a sentence or two
    CHAT = "chat"  # the next turn of a talk about the pages
    ROWS = "rows"  # the rows of a table, or of a list, by the columns that are wanted


class Capability(StrEnum):
    """What a model can do. Nothing else is to be asked of it."""

    EXTRACT = "extract"
    ASK = "ask"
    READ = "read"
    CLASSIFY = "classify"
    LOCATE = "locate"
    DESCRIBE = "describe"
    CHAT = "chat"
    ROWS = "rows"
    EMBED = "embed"  # of models of visual search, which can do that alone: see workers.vlm.embedding


NEEDS: Mapping[PromptKind, Capability] = {
    PromptKind.FIELD: Capability.EXTRACT,
    PromptKind.QUESTION: Capability.ASK,
    PromptKind.READ: Capability.READ,
    PromptKind.LOCATE: Capability.LOCATE,
    PromptKind.CLASSIFY: Capability.CLASSIFY,
    PromptKind.DESCRIBE: Capability.DESCRIBE,
    PromptKind.CHAT: Capability.CHAT,
    PromptKind.ROWS: Capability.ROWS,
}


class Role(StrEnum):
    """Who says a turn."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a talk. The pages stand before the first turn of the user."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """What is wanted of each row of a table."""

    key: str  # the name of the cell for the caller: `amount`
    title: str
    description: str | None = None
    kind: FieldKind = FieldKind.TEXT
    schema: Mapping[str, Any] | None = None  # JSON Schema of the wanted value; None: any text


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to ask of a page. `key` names it for the caller (a field path, or `answer`)."""

    key: str
    kind: PromptKind
    text: str  # "invoice number", or "What is the total?", or the words to locate; what is described: `page`
    region: Box | None = None  # in page space: what to read, or to look at; None means all of the page
    schema: Mapping[str, Any] | None = None  # JSON Schema of the wanted value, of a chat's whole reply; None: any text
    labels: tuple[str, ...] = ()  # to classify: what to choose from
    columns: tuple[Column, ...] = ()  # of rows
    turns: tuple[Turn, ...] = ()  # of a chat, or what was said before a question; a chat's last turn is the user's
    budget: int | None = None  # most tokens of what is said; None: as many as the model has been set to


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page and everything that is asked of it; the model encodes the page once."""

    image: Image.Image  # upright, mode L or RGB
    prompts: tuple[Prompt, ...]
    more: tuple[Image.Image, ...] = ()  # further pages that the prompts are about, for models that take several


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page's text as it was read, or a place of a text that was looked for."""

    text: str
    box: Box  # in page space
    confidence: float | None  # 0..1: that all of it is right


AGAINST = "\N{MINUS SIGN}"  # begins the text of a debit that stands without a sign in a column of debits


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one row under one column."""

    text: str  # as printed; where its column alone says that it counts against, after the sign AGAINST
    box: Box | None  # in page space
    confidence: float | None  # 0..1: that all of it is right


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a page's table, top to bottom, without its header and without carried-over or closing sums."""

    rows: tuple[Mapping[str, Cell], ...]  # by a column's key; a cell that the page leaves empty is not there
    seen: int | None  # rows that the page shows; more than `rows` where some could not be read; None: nobody counted


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it stands in the text, and how likely it was."""

    data: bytes
    probability: float


@dataclass(frozen=True, slots=True)
class Generation:
    """What a model said to one prompt. `text` is None where it said that the page has no such thing.

    A reading's text is its lines, top to bottom, parted by line feeds; its confidence is the share of its characters
    that may be expected to be right, a description's the mean probability of its tokens. A text that was located is
    told as it was read at its surest place. A page that was classified is told by its label, by None where none of them
    is likely enough. With an `error` there is no text: it is a failure to report, never a value.
    """

    text: str | None
    probabilities: tuple[float, ...] | None  # one per token; None where the backend gives none
    box: Box | None  # in page space
    stop: StopReason
    seconds: float
    confidence: float | None = None  # 0..1: of the value, or of its absence
    lines: tuple[Line, ...] = ()  # of a reading, in reading order; of a text that was located, the surest first
    error: str | None = None  # the code of an error of core.errors
    table: Table | None = None  # of rows; None where the page has no such table
    tokens: tuple[Token, ...] | None = None  # those of a chat's text; None where the backend does not tell them


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model read something: enough to find it again and to key the cache."""

    name: str
    revision: str  # hash of the weights, or the hub commit
    decoding: str  # everything that changes the output for the same prompt, as a short stable string


class Model(Protocol):
    """A vision language model behind one contract.

    It may say more about itself: its `capabilities`; by `batches` that several pages at once cost it less than one by
    one; by `keeps` that a further question about a page costs it less than the first; by `concurrency` how many pages
    it can be asked about at a time, from as many threads; by `sheets` that regions of one picture cost it little each,
    and no region is read by the light of another; and `close` lets it go.
    """

    @property
    def identity(self) -> ModelIdentity:
        """Name, revision and decoding of this model."""
        ...

    def generate(
        self, requests: Sequence[PageRequest], cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        """Answer every prompt of every request, in order. `cancelled` is asked between tokens or pages."""
        ...


def capabilities_of(model: Model) -> frozenset[Capability]:
    """What may be asked of a model: its `capabilities`, by default fields and questions."""
    said: frozenset[Capability] | None = getattr(model, "capabilities", None)
    return frozenset({Capability.EXTRACT, Capability.ASK}) if said is None else said
