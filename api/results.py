"""What the client hands out: the shapes of the API's answers as frozen records. Times are aware, boxes are Boxes."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Annotated, Any, TypeAlias, TypeVar, cast

from pydantic import BeforeValidator, PlainSerializer, TypeAdapter, ValidationError

from core.errors import ServiceUnavailable
from core.records import (
    FINAL_JOB_STATES,
    Box,
    Decision,
    DocumentState,
    FieldKind,
    JobKind,
    JobState,
    LayerVerdict,
    PageState,
    Progress,
    ValueState,
    Word,
)

T = TypeVar("T")


def _box_from(sides: object) -> object:
    """`[x0, y0, x1, y1]` as a Box takes it; anything else is left to the validator."""
    match sides:
        case [x0, y0, x1, y1]:
            return {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
    return sides


WireBox: TypeAlias = Annotated[Box, BeforeValidator(_box_from), PlainSerializer(Box.as_list)]


def _word_from(word: object) -> object:
    """A word as `{"text": ..., "box": [...]}` or as `[text, x0, y0, x1, y1]`."""
    match word:
        case {"box": box, **rest}:
            return {"box": _box_from(box), **rest}
        case [text, *sides]:
            return {"text": text, "box": _box_from(sides)}
    return word


WireWord: TypeAlias = Annotated[Word, BeforeValidator(_word_from)]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something failed: a code of docs/reference/errors.md and a sentence."""

    code: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """One uploaded file. `created` is set only in the answer to an upload: whether its bytes were new."""

    id: str
    name: str
    sha256: str
    media_type: str
    size: int  # bytes
    page_count: int | None
    state: DocumentState
    warning: str | None
    error: Failure | None
    created_at: datetime
    created: bool | None = None
    names: tuple[str, ...] = ()  # all that its bytes were sent under
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not taken, and why."""

    name: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What became of an upload: the documents, and the files that were refused."""

    documents: tuple[Document, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its size in PDF points, its picture's size in pixels, and the words of its own text layer."""

    number: int
    state: PageState
    width: float | None
    height: float | None
    dpi: float | None
    engine: str | None
    image_width: int | None
    image_height: int | None
    blank: bool | None
    error: Failure | None
    words: tuple[WireWord, ...] | None = None


@dataclass(frozen=True, slots=True)
class SchemaField:
    """One field of a schema, addressed by its path."""

    path: str
    title: str
    description: str | None
    type: str
    kind: FieldKind = FieldKind.TEXT
    examples: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SchemaTable:
    """An array of a schema: rows whose columns are fields, addressed within the row."""

    path: str
    title: str
    description: str | None
    fields: tuple[SchemaField, ...]


@dataclass(frozen=True, slots=True)
class SchemaRule:
    """What has to hold between values of a record."""

    name: str
    check: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """One version of a schema."""

    name: str
    version: int
    body: dict[str, Any]
    fields: tuple[SchemaField, ...]
    created_at: datetime
    tables: tuple[SchemaTable, ...] = ()
    rules: tuple[SchemaRule, ...] = ()
    target: float | None = None
    verify: bool | None = None
    text_layer: bool = True


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """That there is a version of a schema."""

    name: str
    version: int
    sha256: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One word that another version says otherwise; without a path it is about the whole schema."""

    path: str | None
    word: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class SchemaDiff:
    """What a version of a schema asks for otherwise than an older one."""

    name: str
    older: int
    newer: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changes: tuple[SchemaChange, ...]
    rules_added: tuple[str, ...]
    rules_removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemaName:
    """Which version of which schema."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A page, or a whole document, that a job or a record lacks, and why."""

    page: int | None
    code: str
    detail: str | None
    document_id: str | None = None
    document_name: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What was asked for, and how far it is."""

    id: str
    kind: JobKind
    state: JobState
    progress: Progress
    created_at: datetime
    finished_at: datetime | None = None
    schema: SchemaName | None = None
    question: str | None = None
    model: str | None = None  # the one that was named; None: the workers' default
    retry_of: str | None = None  # the job whose missing pages it runs again
    text_layer: bool | None = None  # whether it uses the PDFs' own words; None: it has no use for them
    waiting_for: Failure | None = None  # what keeps pages from being read for now
    gaps: tuple[Gap, ...] = ()  # the first of them
    result: dict[str, Any] | None = None
    gaps_total: int = 0

    @property
    def final(self) -> bool:
        """Whether nothing more will come."""
        return self.state in FINAL_JOB_STATES


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a job would do, and about how long that takes; equal pictures are read once."""

    documents: int
    pages: int
    pages_blank: int
    pages_failed: int
    pages_known: int
    pages_to_read: int
    inferences: int
    seconds: float | None  # None: the model has read nothing here yet
    model: str
    checks: int = 0  # boxes of values that are read again alone: an estimate
    checks_by: str = "nothing"  # what that rests on: records, fields


@dataclass(frozen=True, slots=True)
class Reading:
    """A value that was read and not chosen."""

    raw: str
    confidence: float | None
    page: int | None
    box: WireBox | None
    also_on: tuple[int, ...] = ()
    typed: Any = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """What was read for one field; `raw`, `page` and `box` only where it was found."""

    state: ValueState
    raw: str | None
    confidence: float | None  # 0..1; None where the model gives none
    page: int | None
    box: WireBox | None
    also_on: tuple[int, ...] = ()
    alternatives: tuple[Reading, ...] = ()
    reason: str | None = None  # why unreadable: an error code
    kind: FieldKind | None = None
    typed: Any = None  # what the text means under its kind, as plain JSON
    problem: str | None = None  # why the text is not what it should be
    readings: tuple[Any, ...] = ()  # what an ambiguous text may mean
    year_from: tuple[str, ...] = ()  # fields whose dates tell the year of a row's date that is printed without one
    model_confidence: float | None = None  # as the model's probabilities say it
    decision: Decision | None = None
    verified: bool | None = None
    layer: LayerVerdict | None = None
    seen: str | None = None
    corrected: bool = False
    confirmed: bool = False  # a person said the same as the model
    by: str | None = None  # the name of the key of whoever said it
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, its cells by column."""

    page: int
    cells: dict[str, Value]


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of an array field over all pages. `seen` None: how many the pages show is not known."""

    rows: tuple[Row, ...]
    seen: int | None
    read: int


@dataclass(frozen=True, slots=True)
class Record:
    """The values of one document under one schema, by field path."""

    id: str
    document_id: str
    document_name: str
    schema: SchemaName
    complete: bool
    values: dict[str, Value]
    gaps: tuple[Gap, ...] = ()
    model: str | None = None  # which read it
    updated_at: datetime | None = None
    document_names: tuple[str, ...] = ()
    tables: dict[str, TableRows] = field(default_factory=dict)
    flags: tuple[dict[str, Any], ...] = ()  # rules of the schema that do not hold
    receipt: dict[str, Any] = field(default_factory=dict)
    unsure: int = 0  # values and cells that need a review


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def made_from(kind: type[T], body: object) -> T:
    """The answer's JSON as a record of this kind; what a newer service adds is left out.

    Raises ServiceUnavailable where the answer has another form, as when something else listens there.
    """
    try:
        made: T = _adapter(cast("Any", kind)).validate_python(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ServiceUnavailable(
            f"The service's answer has another form than this client knows ({place}: {first['msg']}); "
            "bring both to the same version."
        ) from error
    return made


def as_json(result: object) -> Any:
    """A result, or a list of results, in the API's own form, for programs."""
    if isinstance(result, list | tuple):
        return [as_json(one) for one in result]
    return _adapter(cast("Any", type(result))).dump_python(result, mode="json")
