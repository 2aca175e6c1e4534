"""What a question over records asks for, and what each record, or each row of a table, is to it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from storage.filters import Filter
from storage.subjects import Subject


class Standing(StrEnum):
    """What a record, or a row of a table, is to a question that it may be about."""

    COUNTS = "counts"
    MISSING = "missing"  # the value that is wanted, or that of its group, is not there
    UNREADABLE = "unreadable"  # it is there, and nothing can be made of it
    UNDECIDED = "undecided"  # a value that a condition compares was not read, or says nothing
    EMPTY = "empty"  # nothing at all was found in the document


class Cut(StrEnum):
    """By what rows are grouped: by a value itself, by a part of a date, or by the currency of an amount."""

    VALUE = "value"
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the schema as a question reads it. With `lacks`, a field of the question is not in it."""

    schema_id: str
    number: int
    where: Filter | None = None
    lacks: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question over the records of a schema in these versions, the latest first."""

    workspace_id: str
    versions: tuple[Version, ...]
    document_ids: Collection[str] | None = None  # None: of all documents
    field: Subject | None = None  # what is added up, compared or listed
    shown: str | None = None  # without a field: whose value is cited
    currency: str | None = None  # only amounts of this one count
    by: Subject | None = None
    cut: Cut = Cut.VALUE
    columns: tuple[str, ...] = ()  # with these paths of cells, rows of their table are meant, not records


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of one standing, group and currency together."""

    standing: Standing
    key: str | None  # of the group; None: there are no groups, or it is an amount without a currency
    shown: str | None  # the group as it was read
    currency: str | None
    rows: int
    unsure: int  # of them, those with a value that needs a review
    millionths: int | None  # added up; of numbers that count
    least: Any  # of the values: millionths, a date or a folded text
    most: Any
    records: int  # that these rows are of
    incomplete: int  # of these records, those of which a page or a row could not be read
