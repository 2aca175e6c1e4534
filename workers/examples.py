"""What corrections teach: what a model was asked, what is right, and what it said; as a page's picture and texts.

A field is asked for alone, in the words of `workers.vlm.asking`: who corrects one value has not looked at the others.
A table is asked for whole, as models are: of its rows on a page, those that were corrected differ.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.records import FieldKind
from storage import corrections, documents, records, schemas
from storage.database import Session
from storage.tables import Correction, Record, Schema
from storage.wanted import Field, TableField, Wanted
from workers.placing import CELL, counting, place_of, rows_of_record
from workers.prompts import prompts_of
from workers.rows import prompt_of
from workers.typed import read_value
from workers.vlm.asking import instruction_for
from workers.vlm.interface import Prompt

_NONE = "none"  # how a model that is asked in plain words says that there is no such thing


class LeftOut(StrEnum):
    """Why a correction teaches nothing."""

    PAGE_UNKNOWN = "page-unknown"  # neither the person nor the model said on which of several pages it stands
    NO_PICTURE = "no-picture"  # the page was never drawn, or its picture is gone
    FIELD_GONE = "field-gone"  # the newest version that the document was read under has no such field, or no such row
    SAID_THE_SAME = "said-the-same"  # the model was right: there is nothing to prefer


@dataclass(frozen=True, slots=True)
class Example:
    """One thing that is asked of a page, with the right reply and the model's."""

    corrections: Mapping[str, str]  # the fields that were corrected, by the ids of what was said
    page: int
    image_sha256: str
    model: str | None  # which said what is rejected
    prompt: str
    chosen: str
    rejected: str


@dataclass(frozen=True, slots=True)
class Unused:
    """Corrections that teach nothing, and why."""

    corrections: Mapping[str, str]
    why: LeftOut


def lessons_of(session: Session, workspace_id: str, document_id: str, schema_name: str) -> Iterator[Example | Unused]:
    """What the corrections of a document that count teach, by the newest version that it was read under."""
    told = corrections.of_document(session, document_id, schema_name)
    read = [
        (schemas.get_schema_by_id(session, workspace_id, record.schema_id), record)
        for record in records.of_schema_name(session, document_id, schema_name)
    ]
    if not read:
        left = corrections.standing(told)
        yield from (Unused({row.id: row.field}, LeftOut.FIELD_GONE) for row in left if not row.undone)
        return
    schema, record = max(read, key=lambda one: one[0].version)
    pages = {page.number: page.image_sha256 for page in documents.pages_of(session, document_id)}
    teacher = _Teacher(schema, record, schemas.wanted_of(schema.body), pages)
    tables = rows_of_record(record)
    yield from teacher.lessons(counting(told, tables))
    away = [row for row in corrections.standing(told) if not row.undone and place_of(row, tables) is None]
    yield from (Unused({row.id: row.field}, LeftOut.FIELD_GONE) for row in away)


@dataclass(frozen=True, slots=True)
class _Teacher:
    """What one document teaches under one version of a schema."""

    schema: Schema
    record: Record
    wanted: Wanted
    pages: Mapping[int, str | None]  # the pictures

    def lessons(self, said: Mapping[str, Correction]) -> Iterator[Example | Unused]:
        """One for each field, and one for each page of a table."""
        prompts = {prompt.key: prompt for prompt in prompts_of(self.schema.body)}
        fields = {field.path: field for field in self.wanted.fields}
        cells: dict[tuple[str, int], dict[str, Correction]] = {}
        for path, row in said.items():
            place = self._place(path)
            if place is not None:
                cells.setdefault(place, {})[path] = row
            elif path in fields and path in prompts:
                yield self._field(fields[path], prompts[path], row)
            else:
                yield Unused({row.id: path}, LeftOut.FIELD_GONE)
        tables = {table.path: table for table in self.wanted.tables}
        for (path, page), rows in cells.items():
            yield self._table(tables[path], page, rows)

    def _field(self, field: Field, prompt: Prompt, said: Correction) -> Example | Unused:
        named = {said.id: said.field}
        page = self._page(said)
        if page is None:
            return Unused(named, LeftOut.PAGE_UNKNOWN)
        right, wrong = (_reply(field, prompt, raw) for raw in (said.raw, _model_said(said.before, page)))
        return self._example(named, page, said.before.get("model"), instruction_for(prompt), right, wrong)

    def _table(self, table: TableField, page: int, said: Mapping[str, Correction]) -> Example | Unused:
        """The rows on a page, as they stand now, and with what the model said where a person corrected it."""
        right, wrong = [], []
        for number, row in enumerate(self.record.tables[table.path]["rows"]):
            if row["page"] == page:
                now = {f.path: row["cells"].get(f.path, {}).get("raw") for f in table.fields}
                told = {f.path: said.get(f"{table.path}[{number}].{f.path}") for f in table.fields}
                before = {path: _model_said(one.before, page) for path, one in told.items() if one is not None}
                right.append(_row(table, now))
                wrong.append(_row(table, now | before))
        model = next(iter(said.values())).before.get("model")
        replies = (json.dumps({"count": len(rows), "rows": rows}, ensure_ascii=False) for rows in (right, wrong))
        named = {row.id: path for path, row in said.items()}
        return self._example(named, page, model, instruction_for(prompt_of(table)), *replies)

    def _example(
        self, named: Mapping[str, str], page: int, model: str | None, prompt: str, chosen: str, rejected: str
    ) -> Example | Unused:
        picture = self.pages.get(page)
        if picture is None:
            return Unused(named, LeftOut.NO_PICTURE)
        return Example(named, page, picture, model, prompt, chosen, rejected)

    def _place(self, path: str) -> tuple[str, int] | None:
        """The table and the page of a cell that is there."""
        cell = CELL.fullmatch(path)
        if cell is None or self.wanted.find(path) is None:
            return None
        rows = self.record.tables.get(cell["table"], {}).get("rows", ())
        number = int(cell["row"])
        return (cell["table"], rows[number]["page"]) if number < len(rows) else None

    def _page(self, said: Correction) -> int | None:
        """Where it stands: as the person says, else where the model found something, else on the only page."""
        known = [said.page, said.before.get("page"), *(one.get("page") for one in said.before.get("alternatives", ()))]
        only = [number for number in self.pages if len(self.pages) == 1]
        return next((page for page in (*known, *only) if page is not None), None)


def _model_said(before: Mapping[str, Any], page: int) -> str | None:
    """What the model read on a page, in its own characters: not what the text layer or an earlier person made of it."""
    others = before.get("alternatives") or ()
    for reading in others if before.get("corrected") else (before, *others):
        if reading.get("raw") is not None and page in (reading.get("page"), *(reading.get("also_on") or ())):
            text: str = reading.get("seen") or reading["raw"]
            return text
    return None


def _reply(field: Field, prompt: Prompt, raw: str | None) -> str:
    """What a model that is asked this has to say to say it: plain words, or JSON where that is asked for."""
    if prompt.schema is not None:
        return json.dumps({"value": _fitting(field, raw)}, ensure_ascii=False)
    return _NONE if raw is None else raw


def _row(table: TableField, cells: Mapping[str, str | None]) -> dict[str, Any]:
    return {field.path: _fitting(field, cells[field.path]) for field in table.fields}


def _fitting(field: Field, raw: str | None) -> str | bool | None:
    """A text as the field's JSON Schema has it: truth values and choices are none of what is printed."""
    if raw is None or field.kind not in {FieldKind.BOOLEAN, FieldKind.CHOICE}:
        return raw
    typed = read_value(raw, field.kind, choices=field.choices).value
    return typed if isinstance(typed, str | bool) else raw
