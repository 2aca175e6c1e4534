"""A document's record: of each field the best value over its pages, typed and judged, with the others beside it.

An entry, the form of a value in rows and on the wire, is plain JSON: state, kind, raw, typed, problem, readings,
confidence, model_confidence, decision, page, box, verified, layer, seen, also_on, alternatives, corrected, reason;
year_from where other fields tell the year of a date. Where a person spoke, also confirmed, by, at.
"""

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from core.errors import UnreadablePage
from core.records import Box, Decision, FieldKind, FieldValue, LayerVerdict, TypedValue, ValueState
from storage.rules import broken_rules
from storage.wanted import Field, Wanted
from workers.typed import Bounds, Hints, Within, folded, hints_of, read_value, read_yearless, within_of

MOST_ALTERNATIVES = 8

Json: TypeAlias = dict[str, Any]


class Meaning(Protocol):
    """What a model's confidence means, from labelled documents."""

    def meant(
        self, kind: FieldKind | None, confidence: float, *, verified: bool | None, layer: LayerVerdict | None
    ) -> float | None:
        """The share of such values that is right; of a field that is absent with kind None. None where not known."""
        ...


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a person says instead of the model."""

    state: ValueState
    raw: str | None
    page: int | None
    box: Box | None
    made_by: str | None = None  # who said it, and when, once it is written down
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PageRow:
    """A row of a table, on the page where it stands."""

    page: int
    cells: Mapping[str, FieldValue]  # by column


@dataclass(frozen=True, slots=True)
class Said:
    """All that is known of a document under a schema."""

    values: Sequence[tuple[int, FieldValue]]  # page and value, without cells
    rows: Mapping[str, Sequence[PageRow]] = field(default_factory=dict)  # by table, over all pages, in order
    counts: Mapping[str, Json] = field(default_factory=dict)  # by table: seen and read
    corrected: Mapping[str, Corrected] = field(default_factory=dict)  # by path; of a cell with its row in the record
    pages_missing: int = 0  # gave no result: what the others do not have may stand on them
    blank: Container[int] = ()  # pages of which the pixels tell that they have nothing: no model was asked


@dataclass(frozen=True, slots=True)
class Draft:
    """A record as it will be written."""

    values: dict[str, Json]
    tables: dict[str, Json]
    flags: list[Json]
    unsure: int  # values and cells that need a review


def make_record(wanted: Wanted, said: Said, meaning: Meaning | None) -> Draft:
    """The record of a document: found on any page, else unreadable on any, else absent; corrections before all."""
    maker = _Maker(wanted, said, meaning, hints_of(_texts(wanted, said)))
    by_field: dict[str, list[tuple[int, FieldValue]]] = {}
    for page, value in said.values:
        by_field.setdefault(value.field, []).append((page, value))
    values = {f.path: maker.entry(f, by_field.get(f.path, ())) for f in wanted.fields}
    maker = replace(maker, years=_years_of(wanted, said, values, maker.hints))
    tables = {table.path: maker.table(table.path, table.fields) for table in wanted.tables if table.path in said.counts}
    entries = [*values.values(), *(entry for table in tables.values() for _, entry in _cells(table))]
    return Draft(
        values,
        tables,
        broken_rules(wanted.rules, _typed(values), {path: _typed_rows(table) for path, table in tables.items()}),
        sum(entry["decision"] == Decision.NEEDS_REVIEW.value for entry in entries),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """A value that was found, with what it means and how sure it is."""

    page: int
    value: FieldValue
    typed: TypedValue
    confidence: float | None  # calibrated where that is known, else the model's
    calibrated: bool
    year_from: tuple[str, ...] = ()  # the fields whose dates tell its year

    @property
    def rank(self) -> tuple[bool, float, int]:
        """What is of its type first, then the surest, then the earliest page."""
        ambiguous = bool(self.typed.readings)
        confidence = -1.0 if self.confidence is None else self.confidence
        return (self.typed.problem is not None and not ambiguous, -confidence, self.page)

    @property
    def meaning(self) -> str:
        """Equal for readings that say the same."""
        if self.typed.value is None or self.typed.problem is not None:
            return folded(self.value.raw or "")
        return json.dumps(self.typed.value, sort_keys=True).casefold()


@dataclass(frozen=True, slots=True)
class _Years:
    """What tells the years of rows that print none: the fields whose dates are whole, and how sure these are."""

    within: Within
    fields: tuple[str, ...]
    confidence: float  # of the least sure


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes entries under one schema, with what the whole document tells."""

    wanted: Wanted
    said: Said
    meaning: Meaning | None
    hints: Hints
    years: _Years | None = None  # for cells
    bounds: Bounds = field(default_factory=Bounds)

    def entry(self, wanted: Field, said: Sequence[tuple[int, FieldValue]], path: str | None = None) -> Json:
        """A field's entry, from what the pages say and from what a person says instead."""
        readings = sorted((self._reading(wanted, *one) for one in said if one[1].raw is not None), key=lambda r: r.rank)
        entry = self._found(readings) if readings else self._nothing(said)
        corrected = self.said.corrected.get(path or wanted.path)
        if corrected is not None:
            entry = self._corrected(wanted, corrected, entry)
        return {"kind": wanted.kind.value, **entry}

    def table(self, path: str, fields: Sequence[Field]) -> Json:
        """A table with its rows over all pages, an entry for each cell that is there or that a person filled."""
        rows = []
        for number, row in enumerate(self.said.rows.get(path, ())):
            cells = {}
            for wanted in fields:
                value, place = row.cells.get(wanted.path), f"{path}[{number}].{wanted.path}"
                if value is not None or place in self.said.corrected:
                    cells[wanted.path] = self.entry(wanted, [(row.page, value)] if value else [], place)
            rows.append({"page": row.page, "cells": cells})
        return {"rows": rows, **self.said.counts[path]}

    def _reading(self, wanted: Field, page: int, value: FieldValue) -> _Reading:
        typed, year_from = self._typed(wanted, value.raw or "")
        meant = self._meant(wanted.kind, value)
        confidence = value.confidence if meant is None else meant
        if year_from and self.years is not None and confidence is not None:
            confidence = min(confidence, self.years.confidence)
        return _Reading(page, value, typed, confidence, meant is not None, year_from)

    def _typed(self, wanted: Field, raw: str) -> tuple[TypedValue, tuple[str, ...]]:
        """What a text means, and the fields that tell its year where it prints none."""
        typed = read_value(raw, wanted.kind, choices=wanted.choices, hints=self.hints)
        if wanted.kind is FieldKind.TEXT:
            return replace(typed, problem=self.bounds.problem_of(str(typed.value), wanted.bounds)), ()
        if self.years is None or typed.problem != "incomplete-date":
            return typed, ()
        whole = read_yearless(raw, self.years.within)
        return whole, () if whole.problem == typed.problem else self.years.fields

    def _meant(self, kind: FieldKind | None, value: FieldValue) -> float | None:
        if self.meaning is None or value.confidence is None:
            return None
        return self.meaning.meant(kind, value.confidence, verified=value.verified, layer=value.layer)

    def _found(self, readings: Sequence[_Reading]) -> Json:
        best: dict[str, _Reading] = {}
        also: dict[str, list[int]] = {}
        for reading in readings:
            known = best.setdefault(reading.meaning, reading)
            if known is not reading and reading.page != known.page:
                also.setdefault(reading.meaning, []).append(reading.page)
        shown, *others = ({**_facts(r), "also_on": also.get(key, [])} for key, r in best.items())
        return {
            "state": ValueState.FOUND.value,
            **shown,
            "decision": self._decision(readings[0]),
            "alternatives": others[:MOST_ALTERNATIVES],
        }

    def _nothing(self, said: Sequence[tuple[int, FieldValue]]) -> Json:
        """Unreadable where any page is, as what nobody could read is not absent; so without any page that was read."""
        if not said:
            unread = {"state": ValueState.UNREADABLE.value, "reason": UnreadablePage.code}
            return _EMPTY | unread | {"decision": self._review()}
        for page, value in sorted(said, key=lambda one: one[0]):
            if value.state is ValueState.UNREADABLE:
                shown = {"state": ValueState.UNREADABLE.value, "page": page, "reason": value.reason}
                return _EMPTY | shown | {"decision": self._review()}
        return self._absent([value for page, value in said if page not in self.said.blank])

    def _absent(self, asked: Sequence[FieldValue]) -> Json:
        """As sure as the least sure page of which the model was asked; where all are blank, as sure as pixels tell.

        While pages are missing, nobody is sure that anything is absent.
        """
        doubts = [(self._meant(None, v), v.confidence) for v in asked if v.confidence is not None]
        meant = min((m for m, _ in doubts if m is not None), default=None)
        model = min((m for _, m in doubts if m is not None), default=None)
        target = self.wanted.target
        sure = target is not None and (not asked or (meant is not None and meant >= target))
        sure = sure and not self.said.pages_missing
        return _EMPTY | {
            "state": ValueState.ABSENT.value,
            "confidence": model if meant is None else meant,
            "model_confidence": model,
            "decision": Decision.ACCEPTED.value if sure else self._review(),
        }

    def _corrected(self, wanted: Field, corrected: Corrected, before: Json) -> Json:
        """What a person says counts; what the model said stays beside it."""
        shown = dict(_EMPTY)
        if corrected.raw is not None:
            shown |= {"raw": corrected.raw, **_meant_by(*self._typed(wanted, corrected.raw))}
        box = corrected.box.as_list() if corrected.box else None
        kept = {key: before.get(key) for key in _OF_ALTERNATIVES}
        beside = [kept, *before["alternatives"]] if before.get("raw") is not None else []
        return shown | {
            "state": corrected.state.value,
            "page": corrected.page,
            "box": box,
            "corrected": True,
            "confirmed": (corrected.state.value, corrected.raw) == (before["state"], before.get("raw")),
            "by": corrected.made_by,
            "at": corrected.made_at.isoformat() if corrected.made_at else None,
            "decision": Decision.ACCEPTED.value,
            "alternatives": beside[:MOST_ALTERNATIVES],
        }

    def _decision(self, best: _Reading) -> str | None:
        """Accepted where its calibrated confidence reaches the target, and nothing speaks against it."""
        if self.wanted.target is None:
            return None
        sure = best.calibrated and best.confidence is not None and best.confidence >= self.wanted.target
        fair = best.typed.problem is None and best.value.layer is not LayerVerdict.CLASHES
        return (Decision.ACCEPTED if sure and fair else Decision.NEEDS_REVIEW).value

    def _review(self) -> str | None:
        return None if self.wanted.target is None else Decision.NEEDS_REVIEW.value


_EMPTY: Json = {
    "raw": None,
    "typed": None,
    "problem": None,
    "confidence": None,
    "model_confidence": None,
    "decision": None,
    "page": None,
    "box": None,
    "verified": None,
    "layer": None,
    "seen": None,
    "also_on": [],
    "alternatives": [],
    "corrected": False,
}
_OF_ALTERNATIVES = (
    *("raw", "typed", "problem", "confidence", "model_confidence"),
    *("page", "box", "verified", "layer", "seen", "also_on"),
)


def _facts(reading: _Reading) -> Json:
    value = reading.value
    return _EMPTY | {
        "raw": value.raw,
        **_meant_by(reading.typed, reading.year_from),
        "confidence": reading.confidence,
        "model_confidence": value.confidence,
        "page": reading.page,
        "box": value.box.as_list() if value.box else None,
        "verified": value.verified,
        "layer": value.layer and value.layer.value,
        "seen": value.seen,
    }


def _meant_by(typed: TypedValue, year_from: Sequence[str]) -> Json:
    more = {"readings": list(typed.readings)} if typed.readings else {}
    more |= {"year_from": list(year_from)} if year_from else {}
    return {"typed": typed.value, "problem": typed.problem, **more}


def _years_of(wanted: Wanted, said: Said, values: Mapping[str, Json], hints: Hints) -> _Years | None:
    """What the fields of a record tell of years; None where none holds a whole date."""
    dates = {f.path: values[f.path] for f in wanted.fields if f.kind is FieldKind.DATE}
    told = {path: entry for path, entry in dates.items() if entry["typed"] is not None and entry["problem"] is None}
    columns = {table.path: [f.path for f in table.fields if f.kind is FieldKind.DATE] for table in wanted.tables}
    rows = [
        row.cells[column].raw or ""
        for table, some in columns.items()
        for row in said.rows.get(table, ())
        for column in some
        if column in row.cells
    ]
    within = within_of([entry["typed"] for entry in told.values()], rows, day_first=hints.day_first)
    sure = min((e["confidence"] for e in told.values() if e["confidence"] is not None), default=1.0)
    return None if within is None else _Years(within, tuple(told), sure)


def _texts(wanted: Wanted, said: Said) -> Iterable[tuple[str, FieldKind]]:
    """Every text that was read, and a person's own, with its kind: together they tell how dates are written here."""
    kinds = {f.path: f.kind for f in wanted.fields}
    for _, value in said.values:
        if value.raw is not None and value.field in kinds:
            yield value.raw, kinds[value.field]
    for table in wanted.tables:
        columns = {f.path: f.kind for f in table.fields}
        for row in said.rows.get(table.path, ()):
            yield from ((v.raw, columns[c]) for c, v in row.cells.items() if v.raw is not None and c in columns)
    yield from ((c.raw, kinds[path]) for path, c in said.corrected.items() if c.raw is not None and path in kinds)


def _cells(table: Mapping[str, Any]) -> Iterable[tuple[str, Json]]:
    return (cell for row in table["rows"] for cell in row["cells"].items())


def _typed(entries: Mapping[str, Json]) -> dict[str, TypedValue]:
    """What was found, as rules take it."""
    found = {path: entry for path, entry in entries.items() if entry["state"] == ValueState.FOUND.value}
    return {path: TypedValue(entry["typed"], entry["problem"]) for path, entry in found.items()}


def _typed_rows(table: Mapping[str, Any]) -> list[dict[str, TypedValue]]:
    return [_typed(row["cells"]) for row in table["rows"]]
