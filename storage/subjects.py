"""What a filter, an order or a choice of columns may name: the fields of a schema, and what every record has itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from core.records import FieldKind
from storage.wanted import Wanted

_MOST_NEAR = 3


class Part(StrEnum):
    """What of a record is looked at."""

    VALUE = "value"
    CONFIDENCE = "confidence"  # of a value
    DOCUMENT = "document"
    PAGES = "pages"
    UPDATED_AT = "updated_at"
    COMPLETE = "complete"
    UNSURE = "unsure"
    FLAGGED = "flagged"


_OWN = {
    Part.DOCUMENT: FieldKind.TEXT,
    Part.PAGES: FieldKind.INTEGER,
    Part.UPDATED_AT: FieldKind.DATE,
    Part.COMPLETE: FieldKind.BOOLEAN,
    Part.UNSURE: FieldKind.INTEGER,
    Part.FLAGGED: FieldKind.INTEGER,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that can be compared."""

    part: Part
    field: str  # of a value and its confidence: the path, of cells without a row; else empty
    kind: FieldKind
    choices: tuple[str, ...] = ()
    cell: bool = False  # many to a record

    @property
    def name(self) -> str:
        """How it is written."""
        return f"confidence({self.field})" if self.part is Part.CONFIDENCE else self.field or self.part.value


def fields_by_path(wanted: Wanted) -> dict[str, Subject]:
    """The fields and cells of a schema by their paths, in its order."""
    found = {f.path: Subject(Part.VALUE, f.path, f.kind, tuple(f.choices)) for f in wanted.fields}
    for table in wanted.tables:
        for f in table.fields:
            path = f"{table.path}.{f.path}"
            found[path] = Subject(Part.VALUE, path, f.kind, tuple(f.choices), cell=True)
    return found


def find_subject(name: str, wanted: Wanted) -> Subject | None:
    """What this name stands for. A field of the schema goes before what every record has; that is also `@pages`."""
    found = None if name.startswith("@") else fields_by_path(wanted).get(name)
    plain = name.removeprefix("@")
    if found is None and plain in {part.value for part in _OWN}:
        return Subject(Part(plain), "", _OWN[Part(plain)])
    return found


def confidence_of(name: str, wanted: Wanted) -> Subject | None:
    """The confidence of this field's value."""
    found = fields_by_path(wanted).get(name)
    return found and Subject(Part.CONFIDENCE, name, FieldKind.NUMBER, cell=found.cell)


def near(name: str, known: Iterable[str]) -> list[str]:
    """Names that somebody may have meant, the nearest first: a column goes by its own name too."""
    by_folded = {path.casefold(): path for path in known}
    folded = name.casefold()[:100]
    columns = [path for short, path in by_folded.items() if short.endswith("." + folded)]
    alike = [by_folded[path] for path in get_close_matches(folded, by_folded, _MOST_NEAR, 0.6)]
    return list(dict.fromkeys([*columns, *alike]))[:_MOST_NEAR]


def names_of(wanted: Wanted) -> list[str]:
    """All names that `find_subject` knows, without those with an @."""
    return [*fields_by_path(wanted), *(part.value for part in _OWN)]


def did_you_mean(names: list[str]) -> str:
    """The end of a sentence about a name that nobody knows."""
    return f"; did you mean {' or '.join(names)}?" if names else "."
