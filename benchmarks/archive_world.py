"""What questions about an archive are made from: its truth as tables, its names, and dice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from benchmarks.archive_documents import Known
from benchmarks.archive_wants import Row, Table, Want, rows_of
from benchmarks.archive_wordings import ISSUERS, PLURALS
from training.render.page import Split
from training.render.values import Values
from workers.typed.folding import bare


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `answers` are all right texts, none where nothing answers it; `places` are documents with pages."""

    kind: str
    text: str
    answers: tuple[str, ...] = ()
    places: tuple[tuple[str, int], ...] = ()
    schema: str = ""
    field: str = ""
    want: Want | None = None
    about: str = ""  # why nothing answers it, or what it names


@dataclass(slots=True)
class World:
    """One archive, as those see it who ask."""

    archive: Sequence[Known]
    split: Split
    dice: Random
    tables: dict[str, Table] = field(init=False)  # by schema
    issuers: dict[str, list[str]] = field(init=False)  # by schema, who is named on at least one document
    texts: Counter[str] = field(init=False)  # how often anything is stated
    values: Values = field(init=False)

    def __post_init__(self) -> None:
        self.tables = {schema: truth_of(self.archive, schema) for schema in PLURALS}
        self.issuers = {schema: _named(self.tables[schema], issuer) for schema, issuer in ISSUERS.items()}
        self.texts = Counter(bare(told.text) for known in self.archive for told in known.told)
        self.values = Values.roll(self.dice, self.split)


def truth_of(archive: Sequence[Known], schema: str) -> Table:
    """The records that are right: what documents of a schema state, as dates, amounts or texts."""
    of_schema = [known for known in archive if known.schema == schema]
    stated = [
        (known.file, told.field, told.typed or told.text, told.currency)
        for known in of_schema
        for told in known.told
        if told.field != "label"
    ]
    return {known.file: _NOTHING for known in of_schema} | dict(rows_of(stated))


_NOTHING: Row = {}


def _named(table: Table, issuer: str) -> list[str]:
    """Names, each in one of the forms in which it is printed."""
    return sorted({bare(row[issuer][0]): row[issuer][0] for row in table.values() if issuer in row}.values())
