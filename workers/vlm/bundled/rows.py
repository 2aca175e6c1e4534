"""The rows of a page's table by the columns that are wanted: found by titles, by what stands in them, and by place."""

from collections.abc import Sequence
from dataclasses import dataclass

from workers.vlm.bundled.tables.body import Body, Row, body_of, merged, until_sum
from workers.vlm.bundled.tables.cell import PageCell, tidied
from workers.vlm.bundled.tables.choice import Chosen, choose
from workers.vlm.bundled.tables.columns import Span, parted, unjoined
from workers.vlm.bundled.tables.count import is_narrow, seen_beside, seen_on_page, seen_without_rows
from workers.vlm.bundled.tables.header import Header, Target, headers_of, is_again, target_of
from workers.vlm.bundled.tables.lists import counted, list_of
from workers.vlm.bundled.tables.sheet import Strip, strips_of, text_in
from workers.vlm.bundled.words import Word
from workers.vlm.figures import FIGURES
from workers.vlm.interface import Column
from workers.vlm.titles import Means

TRIED = 5  # likely headers that are read on
LEAST_OPEN = 3  # columns of a table without a header on paper that is wider than a till's


@dataclass(frozen=True, slots=True)
class PageTable:
    """Rows by the wanted columns' keys, and how many rows the page shows."""

    rows: tuple[dict[str, PageCell], ...]
    seen: int


def find_rows(words: Sequence[Word], columns: Sequence[Column], alphabet: str) -> PageTable | None:
    """The rows of the table that has most of the wanted columns; None where the page has no such table."""
    if not words or not columns:
        return None
    strips = [strip for strip in strips_of(words, alphabet) if any(c.isalnum() for c in strip.text)]
    targets = [target_of(column) for column in columns]
    tables = [_below(strips, header, targets) for header in headers_of(strips, targets)[:TRIED]]
    found = [table for table in tables if table is not None]
    if found and any(_has_amounts(table, targets) for table in found):
        return max(found, key=_worth)
    table = _without_header(strips, targets) or max(found, key=_worth, default=None)
    if table is None and (seen := seen_without_rows(strips, targets)):
        return PageTable((), seen)
    return table


def _worth(table: PageTable) -> float:
    """How much of what is wanted a table has: columns first, then rows."""
    return len({key for row in table.rows for key in row}) + min(len(table.rows), 50) / 100


def _has_amounts(table: PageTable, targets: Sequence[Target]) -> bool:
    """Whether amounts are read where they are wanted; what stood under other titles is hardly the table."""
    wanted = {target.column.key for target in targets if Means.AMOUNT in target.means}
    return not wanted or any(wanted & row.keys() for row in table.rows)


def _below(strips: Sequence[Strip], header: Header, targets: Sequence[Target]) -> PageTable | None:
    """The table under a header."""
    below = strips[header.last + 1 :]

    def again(strip: Strip) -> bool:
        return is_again(header, strip)

    sure = until_sum(below, again)
    edges = [(head.x0, head.x1, head.text) for head in header.heads]
    spans = unjoined(parted(edges, sure), [token for head in header.heads for token in head.tokens], sure)
    body = body_of(below, spans, again)
    rows = _rows(body, spans, targets)
    if rows is None:
        return None
    seen = _seen(body, [s for s in below if not again(s)], len(rows))
    return PageTable(rows, max(seen, seen_on_page(strips, [row.strip for row in body.rows], targets)))


def _without_header(strips: Sequence[Strip], targets: Sequence[Target]) -> PageTable | None:
    """The list of a receipt, or a table that goes on from the page before."""
    found = list_of(strips, targets)
    if found is None:
        return None
    body, spans = found
    chosen = choose(body, spans, targets)
    have = {means for choice in chosen for means in choice.target.means[:1]}
    wanted = {means for target in targets for means in target.means[:1]}
    if not {Means.DATE, Means.AMOUNT, Means.DESCRIPTION} & wanted <= have:
        return None
    if not is_narrow(strips) and len(chosen) < min(LEAST_OPEN, len(targets)):
        return None  # labels and amounts of a form
    rows = counted([_cells(row, chosen) for row in body.rows], targets)
    if not rows:
        return None
    seen = seen_on_page(strips, [row.strip for row in body.rows], targets)
    return PageTable(tuple(rows), max(_seen(body, strips, len(rows)), seen))


def _seen(body: Body, strips: Sequence[Strip], read: int) -> int:
    """How many rows there are: as the table's walk has it, or as amounts at its edge tell, whichever is more."""
    if not any(look in FIGURES for look in body.looks):
        return max(body.seen, read)
    return max(body.seen, read, len(body.rows) + seen_beside(strips, [row.strip for row in body.rows]))


def _rows(body: Body, spans: Sequence[Span], targets: Sequence[Target]) -> tuple[dict[str, PageCell], ...] | None:
    """The rows by what is wanted of them; None of those that hold no more than one of several wanted cells."""
    chosen = choose(body, spans, targets)
    rows = [row for row in (_cells(row, chosen) for row in body.rows) if row]
    full = sum(len(row) > 1 for row in rows)
    if not rows or (len(targets) > 1 and 2 * full < len(rows)):
        return None
    return tuple(rows)


def _cells(row: Row, chosen: Sequence[Chosen]) -> dict[str, PageCell]:
    cells: dict[str, PageCell] = {}
    for choice in chosen:
        for index in choice.places:
            tokens = tidied(merged(row, index), choice.look)
            if tokens and choice.target.column.key not in cells:
                cells[choice.target.column.key] = PageCell(choice.signed(index, text_in(tokens)), tokens)
    return cells
