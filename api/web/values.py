"""A record as a person reads it: fields by their titles, texts, how sure and why not, and where each stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.web.doubts import doubts_of, meaning_of
from api.web.frames import Sides, frame_of
from core.records import Decision, ValueState
from storage import records, schemas
from storage.database import Session
from storage.tables import Record, Schema
from storage.wanted import Wanted
from workers.correct import entry_of, mark_of
from workers.placing import CELL


@dataclass(frozen=True, slots=True)
class ShownReading:
    """What else was read for a value."""

    text: str
    confidence: float | None
    page: int | None


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value, or a cell of a table."""

    path: str
    title: str
    state: str
    text: str  # as read; nothing unless found
    confidence: float | None
    meaning: str  # of its confidence, in words
    page: int | None
    box: Sides | None
    needs_review: bool
    corrected: bool
    confirmed: bool  # a person said the same as the model
    by: str | None  # the person's key
    doubts: tuple[str, ...]
    others: tuple[ShownReading, ...]
    mark: str  # another one whenever it says something else

    @property
    def anchor(self) -> str:
        """A name for it within the page."""
        return anchor_of(self.path)

    @property
    def why(self) -> str:
        """The plainest of what speaks against it; nothing where nothing does."""
        return self.doubts[0] if self.doubts else ""

    @property
    def is_cell(self) -> bool:
        """Whether it stands in a table."""
        return CELL.fullmatch(self.path) is not None


@dataclass(frozen=True, slots=True)
class ShownTable:
    """The rows of an array field."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[ShownValue, ...], ...]
    seen: int | None
    anchor: str
    anchors: tuple[str, ...]  # of the columns


@dataclass(frozen=True, slots=True)
class ShownFlag:
    """A rule that does not hold, and the values that clash, by their paths."""

    detail: str
    fields: tuple[tuple[str, str], ...]  # title and anchor


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """What was read from a document under a version of a schema."""

    schema: str
    version: int
    complete: bool
    unsure: int
    values: tuple[ShownValue, ...]
    tables: tuple[ShownTable, ...]
    flags: tuple[ShownFlag, ...]
    gaps: tuple[str, ...]

    def on_page(self, number: int) -> list[ShownValue]:
        """Everything that has a box on this page."""
        cells = [cell for table in self.tables for row in table.rows for cell in row]
        return [value for value in (*self.values, *cells) if value.page == number and value.box]


def anchor_of(path: str) -> str:
    """A value's name within the page."""
    return "value-" + "".join(c if c.isalnum() else "-" for c in path)


def shown_records(session: Session, workspace_id: str, document_id: str) -> list[ShownRecord]:
    """The records of a document, of each schema that of its latest version, by the names of schemas."""
    latest: dict[str, tuple[Record, Schema]] = {}
    for record, schema in records.of_document(session, workspace_id, document_id):
        latest[schema.name] = (record, schema)
    return [_shown(record, schema) for _, (record, schema) in sorted(latest.items())]


def shown_values(record: Record, schema: Schema) -> tuple[ShownValue, ...]:
    """The values of a record without its tables, in the schema's order."""
    judge = _Judge.of(record, schema)
    return tuple(
        judge.shown(f.path, f.title, record.values[f.path]) for f in judge.wanted.fields if f.path in record.values
    )


def shown_value(record: Record, schema: Schema, path: str) -> ShownValue:
    """One value, or cell, of a record. Raises FieldNotFound."""
    entry, judge = entry_of(record, schema, path), _Judge.of(record, schema)
    return judge.shown(path, title_of(judge.wanted, path), entry)


def title_of(wanted: Wanted, path: str) -> str:
    """What a field is called; a cell by its table and row, too, and a table by itself."""
    found, cell = wanted.find(path), CELL.fullmatch(path)
    titles = {table.path: table.title for table in wanted.tables}
    if found is None:
        return titles.get(path, path)
    return f"{titles[cell['table']]}, row {int(cell['row']) + 1}: {found.title}" if cell else found.title


@dataclass(frozen=True, slots=True)
class _Judge:
    """What a record's rules and its schema's target say of its values."""

    wanted: Wanted
    flags: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, record: Record, schema: Schema) -> "_Judge":
        return cls(schemas.wanted_of(schema.body), record.flags)

    def shown(self, path: str, title: str, entry: Mapping[str, Any]) -> ShownValue:
        cell = CELL.fullmatch(path)
        names = {path, cell["table"], f"{cell['table']}.{cell['column']}"} if cell else {path}
        broken = [_detail(flag) for flag in self.flags if names & set(flag.get("fields", ()))]
        box = entry.get("box")
        return ShownValue(
            path=path,
            title=title,
            state=str(entry.get("state")),
            text=str(entry.get("raw") or ""),
            confidence=entry.get("confidence"),
            meaning=meaning_of(entry),
            page=entry.get("page"),
            box=frame_of(box) if box else None,
            needs_review=entry.get("decision") == Decision.NEEDS_REVIEW.value,
            corrected=bool(entry.get("corrected")),
            confirmed=bool(entry.get("confirmed")),
            by=entry.get("by"),
            doubts=doubts_of(entry, broken, self.wanted.target),
            others=tuple(_other(one) for one in entry.get("alternatives") or ()),
            mark=mark_of(entry),
        )


def _shown(record: Record, schema: Schema) -> ShownRecord:
    judge = _Judge.of(record, schema)
    tables = []
    for table in judge.wanted.tables:
        if table.path in record.tables:
            kept = record.tables[table.path]
            columns = [(f.path, f.title) for f in table.fields]
            rows = [_row(judge, table.path, number, columns, row) for number, row in enumerate(kept["rows"])]
            tables.append(
                ShownTable(
                    table.title,
                    tuple(title for _, title in columns),
                    tuple(rows),
                    kept.get("seen"),
                    anchor_of(table.path),
                    tuple(anchor_of(f"{table.path}.{key}") for key, _ in columns),
                )
            )
    return ShownRecord(
        schema.name,
        schema.version,
        record.complete,
        record.unsure,
        shown_values(record, schema),
        tuple(tables),
        tuple(_flag(judge.wanted, flag) for flag in record.flags),
        tuple(f"Page {gap.get('page')}: {gap.get('detail')}" for gap in record.gaps),
    )


def _row(
    judge: _Judge, path: str, number: int, columns: Sequence[tuple[str, str]], row: Mapping[str, Any]
) -> tuple[ShownValue, ...]:
    cells, nothing = row["cells"], {"state": ValueState.ABSENT.value, "raw": None}
    return tuple(judge.shown(f"{path}[{number}].{key}", title, cells.get(key, nothing)) for key, title in columns)


def _flag(wanted: Wanted, flag: Mapping[str, Any]) -> ShownFlag:
    fields = [str(path) for path in flag.get("fields", ())]
    return ShownFlag(_detail(flag), tuple((title_of(wanted, path), anchor_of(path)) for path in fields))


def _detail(flag: Mapping[str, Any]) -> str:
    return str(flag.get("detail") or flag.get("rule"))


def _other(reading: Mapping[str, Any]) -> ShownReading:
    return ShownReading(str(reading.get("raw") or ""), reading.get("confidence"), reading.get("page"))
