"""What stretches of a question say: each mark covers some of its words."""

import datetime as dt
from dataclasses import dataclass
from typing import TypeAlias

from storage.filters import Op
from storage.subjects import Subject
from storage.sums import Cut
from storage.wanted import TableField
from workers.plans.plan import Condition, Intent


@dataclass(frozen=True, slots=True)
class Asks:
    """What is asked. Of dates, the smallest is the earliest."""

    intent: Intent
    of_dates: bool = False
    is_there: bool = False  # whether there is any


@dataclass(frozen=True, slots=True)
class Total:
    """The word total: what is added up, or a field of that name."""

    many: bool = False  # totals


@dataclass(frozen=True, slots=True)
class Noun:
    """Documents of the schema. `one` says that a single one is meant."""

    one: bool = False


@dataclass(frozen=True, slots=True)
class RowsOf:
    """Rows of a table."""

    table: TableField


@dataclass(frozen=True, slots=True)
class Mention:
    """A field by one of its names."""

    subject: Subject
    summed: bool = False  # the name itself says that amounts are added up: total amount
    many: bool = False  # amounts


@dataclass(frozen=True, slots=True)
class On:
    """Days: `field` is to lie between these; None: without an end."""

    first: dt.date | None
    last: dt.date | None
    years_between: bool = False  # between two years, which may be amounts as well
    said: str | None = None  # by today's date alone: last year


@dataclass(frozen=True, slots=True)
class Bound:
    """A number, or two, that a field is compared with."""

    op: Op
    values: tuple[str, ...]
    currency: str | None


@dataclass(frozen=True, slots=True)
class Where:
    """A condition that is whole already, and what is to be told about it."""

    condition: Condition
    note: str | None = None
    one: bool = False  # it names a single document
    party: bool = False  # it names somebody
    paid: bool = False  # who was paid, as the question puts it


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that no record has, under the field where it was looked for."""

    subject: Subject
    said: str


@dataclass(frozen=True, slots=True)
class Group:
    """By what rows are grouped; without a field by the day of the document, or by its currency."""

    cut: Cut
    subject: Subject | None = None
    each: bool = False  # said by a word that may as well mean a rate: so much a month
    asked: bool = False  # it is a group itself that is asked for: which month


@dataclass(frozen=True, slots=True)
class In:
    """Only amounts in this currency."""

    currency: str


@dataclass(frozen=True, slots=True)
class Limit:
    """How many are wanted; `top`: of the largest."""

    number: int
    top: bool = False


@dataclass(frozen=True, slots=True)
class Most:
    """Most of something, or the fewest: invoices, or money where nothing is named."""

    fewest: bool = False


@dataclass(frozen=True, slots=True)
class ByCount:
    """By the number of what is named behind it, or of documents."""


@dataclass(frozen=True, slots=True)
class Different:
    """Different values, each once."""


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb that says only that documents are what they are; `paid`, that money is what they ask for."""

    billed: bool = False
    paid: bool = False
    sums: bool = False  # come to, amount to


@dataclass(frozen=True, slots=True)
class Joint:
    """The word and."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Words that restrict nothing."""


Mark: TypeAlias = (
    Asks
    | Total
    | Noun
    | RowsOf
    | Mention
    | On
    | Bound
    | Where
    | Unknown
    | Group
    | In
    | Limit
    | Most
    | ByCount
    | Different
    | Verb
    | Joint
    | Nothing
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark over the words from `at` on."""

    mark: Mark
    at: int
    length: int

    @property
    def end(self) -> int:
        """The first word behind it."""
        return self.at + self.length
