"""Tables of a schema: asked of a page as rows, told as values of cells, and joined where pages break."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

from core.errors import ModelCannot
from core.records import FieldValue, ValueState
from storage.wanted import TableField, Wanted
from workers.inference import Inference, failure_of, is_kept
from workers.record import PageRow, Said
from workers.sum_rows import without_sums
from workers.typed import as_number, folded, read_value
from workers.vlm.interface import AGAINST, Capability, Column, Model, Prompt, PromptKind, capabilities_of

MOST_REPEATED = 3  # rows that a page may repeat from the one before
LEAST_TOLD = 3  # rows that tell whether a column counts, or keeps a balance
MOSTLY = 0.8  # of them

Rows: TypeAlias = Sequence[Mapping[str, FieldValue]]  # cells by column


@dataclass(frozen=True, slots=True)
class Cells:
    """What a page says of the tables of a schema."""

    values: tuple[FieldValue, ...] = ()  # of cells by `line_items[2].amount`, and of tables that could not be read
    counts: Mapping[str, tuple[int | None, int]] = field(default_factory=dict)  # by table: rows seen, None: not known
    against: frozenset[str] = frozenset()  # cells that count against, by their columns and not by a sign of their own

    def signed(self, values: Sequence[FieldValue]) -> list[FieldValue]:
        """Values, with their sign where the column says it: checked before, as they are printed."""
        return [
            replace(value, raw=f"-{value.raw}") if value.field in self.against and value.raw is not None else value
            for value in values
        ]


def tables_asked(model: Model, wanted: Wanted) -> list[Prompt]:
    """A prompt for each table of a schema; none of a model that reads no rows."""
    return [prompt_of(table) for table in wanted.tables] if Capability.ROWS in capabilities_of(model) else []


def prompt_of(table: TableField) -> Prompt:
    """The prompt of one table."""
    columns = tuple(Column(f.path, f.title, f.description, f.kind, f.value_schema) for f in table.fields)
    return Prompt(table.path, PromptKind.ROWS, table.title, columns=columns)


def cells_of(wanted: Wanted, made: Sequence[Inference]) -> Cells:
    """What inferences say of the tables that are wanted; a table that nobody could be asked for is a gap."""
    asked = {inference.prompt.key: inference for inference in made if inference.prompt.kind is PromptKind.ROWS}
    said = [_cells_of(asked[table.path]) if table.path in asked else _not_asked(table) for table in wanted.tables]
    counts = {table: count for one in said for table, count in one.counts.items()}
    return Cells(
        tuple(v for one in said for v in one.values), counts, frozenset().union(*(one.against for one in said))
    )


def blank_cells(wanted: Wanted) -> Cells:
    """What a blank page says: it has no rows."""
    return Cells(counts={table.path: (0, 0) for table in wanted.tables})


def _not_asked(table: TableField) -> Cells:
    return Cells((FieldValue(table.path, ValueState.UNREADABLE, None, None, None, None, ModelCannot.code),))


def _cells_of(inference: Inference) -> Cells:
    """The rows that were read, without those that are none, which are not counted either.

    Where the generation ended early, those before, and nobody knows how many there are.
    """
    path, generation = inference.prompt.key, inference.generation
    listed = generation.table.rows if generation.table is not None else ()
    rows = without_sums(inference.prompt.columns, listed)
    key = inference.key if is_kept(inference) else None
    values: list[FieldValue] = []
    against: set[str] = set()
    for number, row in enumerate(rows):
        for column, cell in row.items():
            place = f"{path}[{number}].{column}"
            raw = cell.text.removeprefix(AGAINST)
            against |= {place} if raw != cell.text else set()
            values.append(FieldValue(place, ValueState.FOUND, raw, cell.confidence, cell.box, key))
    failure = failure_of(generation)
    if failure is not None:
        values.append(FieldValue(path, ValueState.UNREADABLE, None, None, None, key, failure))
        return Cells(tuple(values), {path: (None, len(rows))} if rows else {}, frozenset(against))
    shown = generation.table.seen if generation.table is not None else 0
    seen = None if shown is None else shown - (len(listed) - len(rows))
    return Cells(tuple(values), {path: (seen, len(rows))}, frozenset(against))


def without_repeats(wanted: Wanted, said: Said) -> Said:
    """What is known of a document; rows that a page prints again from the one before are left out, and not counted."""
    rows, counts = dict(said.rows), dict(said.counts)
    for table in wanted.tables:
        kept = _once(table, rows.get(table.path, ()))
        again = len(rows.get(table.path, ())) - len(kept)
        if again and table.path in counts:
            rows[table.path] = kept
            told = counts[table.path]
            counts[table.path] = {name: None if n is None else n - again for name, n in told.items()}
    return replace(said, rows=rows, counts=counts)


def _once(table: TableField, rows: Sequence[PageRow]) -> list[PageRow]:
    pages: dict[int, list[PageRow]] = {}
    for row in rows:
        pages.setdefault(row.page, []).append(row)
    kept: list[PageRow] = []
    for page, mine in pages.items():
        before = [row.cells for row in pages.get(page - 1, ())]
        kept += mine[repeated(table, before, [row.cells for row in mine]) :]
    return kept


def repeated(table: TableField, before: Rows, after: Rows) -> int:
    """How many of a page's first rows are the last ones of the page before, printed again.

    Two equal rows may be two things bought, or two bookings of a day: they are the same only where a column that never
    says the same twice does, one that counts or one that keeps a balance. With no such column all rows stay.
    """
    telling = [f.path for f in table.fields if _is_telling(table, f.path, before) or _is_telling(table, f.path, after)]
    for count in range(min(MOST_REPEATED, len(before), len(after)), 0, -1):
        pairs = list(zip(before[-count:], after[:count], strict=True))
        if all(_same(one, other) and _has(one, telling) for one, other in pairs):
            return count
    return 0


def _same(one: Mapping[str, FieldValue], other: Mapping[str, FieldValue]) -> bool:
    return {k: folded(v.raw or "") for k, v in one.items()} == {k: folded(v.raw or "") for k, v in other.items()}


def _has(row: Mapping[str, FieldValue], columns: Sequence[str]) -> bool:
    return any(column in row for column in columns)


def _is_telling(table: TableField, column: str, rows: Rows) -> bool:
    """Whether a column counts up by one, or is the balance after another column's amounts."""
    mine = _numbers(table, column, rows)
    steps = [(b - a, number) for number, (a, b) in enumerate(pairwise(mine), 1) if a is not None and b is not None]
    if len(steps) < LEAST_TOLD:
        return False
    if sum(step == 1 for step, _ in steps) >= MOSTLY * len(steps):
        return True
    others = [_numbers(table, f.path, rows) for f in table.fields if f.path != column]
    return any(
        sum(other[number] is not None and step == other[number] != 0 for step, number in steps) >= MOSTLY * len(steps)
        for other in others
    )


def _numbers(table: TableField, column: str, rows: Rows) -> list[Decimal | None]:
    kinds = {f.path: f.kind for f in table.fields}
    read = [row[column].raw if column in row else None for row in rows]
    return [None if raw is None else as_number(read_value(raw, kinds[column])) for raw in read]
