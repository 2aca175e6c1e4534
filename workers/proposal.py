"""A schema for documents like these: what their pages print as label and value, and as tables with headings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, TypeAlias

from core.records import FieldKind
from workers.label import is_label, kind_of, name_of, parted
from workers.vlm.interface import Line

Row: TypeAlias = tuple[Line, ...]  # lines beside each other, from left to right

_SAME_ROW = 0.5  # of a line's height: middles that far apart stand side by side
_BELOW = 1.8  # line heights down to a value that stands under its label
_LEAST_COLUMNS = 3
_LEAST_ROWS = 2
_MOST_FIELDS = 60
_AGREED = 2 / 3  # of a field's values that have to be of one kind
_OFTEN = 0.3  # of the documents, and two at least, where there are more than two
_FEW = 2
_FORMATS = {
    FieldKind.DATE: "date",
    FieldKind.MONEY: "money",
    FieldKind.IBAN: "iban",
    FieldKind.VAT: "vat",
    FieldKind.EMAIL: "email",
    FieldKind.PHONE: "phone",
    FieldKind.COUNTRY: "country",
}


@dataclass(slots=True)
class Found:
    """A field as the documents print it."""

    titles: Counter[str] = field(default_factory=Counter)
    kinds: Counter[FieldKind] = field(default_factory=Counter)
    documents: set[int] = field(default_factory=set)
    example: str = ""

    def add(self, title: str, value: str, document: int) -> None:
        """One more place where it stands."""
        self.titles[title] += 1
        self.kinds[kind_of(title, value)] += 1
        self.documents.add(document)
        self.example = self.example or value

    @property
    def title(self) -> str:
        """As it is printed most often."""
        return self.titles.most_common(1)[0][0]

    @property
    def kind(self) -> FieldKind:
        """What most of its values are; a text where they are of many kinds."""
        kind, count = self.kinds.most_common(1)[0]
        return kind if count >= _AGREED * self.kinds.total() else FieldKind.TEXT


@dataclass(slots=True)
class Proposal:
    """Fields and columns by names made of their labels, in the order in which they were met."""

    fields: dict[str, Found] = field(default_factory=dict)
    columns: dict[str, Found] = field(default_factory=dict)
    documents: int = 0

    def kept(self) -> dict[str, Found]:
        """The fields that enough documents have."""
        least = 1 if self.documents <= _FEW else max(_FEW, _OFTEN * self.documents)
        kept = [(name, found) for name, found in self.fields.items() if len(found.documents) >= least]
        return dict(kept[:_MOST_FIELDS])

    @property
    def body(self) -> dict[str, Any]:
        """The JSON Schema; without properties where nothing was found."""
        properties = _named(self.kept())
        if self.columns:
            row = {"type": "object", "properties": _named(self.columns)}
            properties["line_items"] = {"type": "array", "title": "line items", "items": row}
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
        }


def propose(documents: Iterable[Sequence[Sequence[Line]]]) -> Proposal:
    """What documents, each the lines of its pages, have in common."""
    proposal = Proposal()
    for number, pages in enumerate(documents):
        proposal.documents += 1
        for lines in pages:
            _look_at(proposal, rows_of(lines), number)
    return proposal


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """Lines from top to bottom, those beside each other as one row."""
    rows: list[list[Line]] = []
    for line in sorted((line for line in lines if any(c.isalnum() for c in line.text)), key=_middle):
        if rows and _middle(line) - _middle(rows[-1][0]) <= _SAME_ROW * min(_height(line), _height(rows[-1][0])):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [tuple(sorted(row, key=lambda line: line.box.x0)) for row in rows]


def _look_at(proposal: Proposal, rows: Sequence[Row], document: int) -> None:
    tabular: set[int] = set()
    for number, row in enumerate(rows):
        body = _body_under(rows, number) if number not in tabular and _is_heading(row) else []
        cells = [pair for index in body for pair in _cells(row, rows[index])]
        if len(body) >= _LEAST_ROWS and _has_figures(cells):
            tabular |= set(range(number, body[-1] + 1))
            for head, cell in cells:
                proposal.columns.setdefault(name_of(head), Found()).add(parted(head)[0], cell, document)
    for label, value in _pairs([row for number, row in enumerate(rows) if number not in tabular]):
        proposal.fields.setdefault(name_of(label), Found()).add(label, value, document)


def _has_figures(cells: Iterable[tuple[str, str]]) -> bool:
    """Whether one column holds figures alone, as every table that is worth it has one."""
    by_head: dict[str, list[bool]] = {}
    for head, cell in cells:
        by_head.setdefault(head, []).append(any(c.isdigit() for c in cell))
    return any(len(found) >= _LEAST_ROWS and all(found) for found in by_head.values())


def _pairs(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Labels with their values: after a colon, to the right, or below.

    Words beside words are label and value only where they stand in line with others that are for sure.
    """
    sure: list[tuple[str, str]] = []
    edges: list[float] = []
    unsure: list[tuple[str, Line]] = []
    taken: set[Line] = set()  # values that stand under their labels are no labels
    for row, below in zip_longest(rows, rows[1:], fillvalue=()):
        for line, right in _beside([line for line in row if line not in taken]):
            label, value = parted(line.text)
            has_colon = line.text.rstrip().endswith(":")
            if value:
                sure.append((label, value))
            elif right is None:
                under = _under(line, below) if has_colon else None
                if under is not None:
                    sure.append((label, under.text))
                    taken.add(under)
            elif has_colon or _tells(label, right.text):
                sure.append((label, right.text))
                edges.append(right.box.x0)
            else:
                unsure.append((label, right))
    return sure + [(label, at.text) for label, at in unsure if any(abs(at.box.x0 - x) <= _height(at) for x in edges)]


def _beside(row: Sequence[Line]) -> Iterator[tuple[Line, Line | None]]:
    """The labels of a row, each with what stands to its right unless that is a label with a colon."""
    value: Line | None = None
    for line, after in zip_longest(row, row[1:]):
        label, own = parted(line.text)
        if line is value or not is_label(label):
            continue
        value = None if own or after is None or _has_label(after.text) else after
        yield line, value


def _has_label(text: str) -> bool:
    """Whether a text brings its own label along, with a colon."""
    return ":" in text and is_label(parted(text)[0])


def _under(line: Line, below: Row) -> Line | None:
    """What stands right under a label."""
    near = [other for other in below if _middle(other) - _middle(line) <= _BELOW * _height(line)]
    aligned = next((other for other in near if abs(other.box.x0 - line.box.x0) <= _height(line)), None)
    return None if aligned is None or ":" in aligned.text else aligned


def _tells(label: str, value: str) -> bool:
    """Whether a text beside another one can be nothing but its value."""
    return any(c.isdigit() for c in value) or kind_of(label, value) is not FieldKind.TEXT


def _is_heading(row: Row) -> bool:
    return len(row) >= _LEAST_COLUMNS and all(is_label(line.text) and ":" not in line.text for line in row)


def _body_under(rows: Sequence[Row], heading: int) -> list[int]:
    """The rows of a table: as long as they have cells under most of its heads, one in between may have a single one."""
    found: list[int] = []
    for number in range(heading + 1, len(rows)):
        cells = {head for head, _ in _cells(rows[heading], rows[number])}
        if len(cells) >= max(_FEW, len(rows[heading]) - 1):
            found.append(number)
        elif len(rows[number]) > 1 or number - (found or [heading])[-1] > 1:
            break
    return found


def _cells(heading: Row, row: Row) -> Iterator[tuple[str, str]]:
    """Each text of a row with the head over it."""
    for cell in row:
        over = max(heading, key=lambda head: _overlap(head, cell))
        if _overlap(over, cell) > 0:
            yield over.text, cell.text


def _overlap(one: Line, other: Line) -> float:
    return min(one.box.x1, other.box.x1) - max(one.box.x0, other.box.x0)


def _middle(line: Line) -> float:
    return (line.box.y0 + line.box.y1) / 2


def _height(line: Line) -> float:
    return line.box.y1 - line.box.y0


def _named(found: Mapping[str, Found]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, one in found.items():
        properties[name] = {"type": "string", "title": one.title}
        if one.kind in _FORMATS:
            properties[name]["format"] = _FORMATS[one.kind]
    return properties
