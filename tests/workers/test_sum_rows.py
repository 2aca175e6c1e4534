"""Titles, sums and what was carried over are no rows, whoever lists them; things that are named like them are."""

from typing import TypeAlias

import pytest

from core.records import FieldKind, StopReason
from storage.wanted import Field, TableField, Wanted
from workers.inference import Inference
from workers.rows import cells_of, prompt_of
from workers.sum_rows import without_sums
from workers.vlm.interface import Cell, Column, Generation, Table

Rows: TypeAlias = tuple[list[Column], list[tuple[str, ...]]]

ITEMS = [
    Column("what", "description"),
    Column("count", "quantity", kind=FieldKind.NUMBER),
    Column("price", "unit price", kind=FieldKind.MONEY),
    Column("amount", "amount", kind=FieldKind.MONEY),
]
MOVES = [
    Column("day", "date", kind=FieldKind.DATE),
    Column("what", "description"),
    Column("amount", "amount", kind=FieldKind.MONEY),
    Column("balance", "balance", kind=FieldKind.MONEY),
]
SOLD = [Column("what", "description"), Column("amount", "amount", kind=FieldKind.MONEY)]
NAMES = [Column("name", "name"), Column("task", "task")]
BOLTS, NUTS = ("Bolts", "2", "3.00", "6.00"), ("Nuts", "1", "4.00", "4.00")
RENT, BREAD = ("1 May 2025", "Rent", "-800.00", "1200.00"), ("2 May 2025", "Bread", "-4.00", "1196.00")
ITEM, MOVE, SALE = (ITEMS, [BOLTS, NUTS]), (MOVES, [RENT, BREAD]), (SOLD, [("Rope", "40.00")])
NAME = (NAMES, [("Ann", "Counts"), ("Bob", "Draws")])


def row(columns: list[Column], *texts: str) -> dict[str, Cell]:
    """A row; what is empty is not there."""
    return {c.key: Cell(text, None, None) for c, text in zip(columns, texts, strict=True) if text}


@pytest.mark.parametrize(
    ("table", "none"),
    [
        (ITEM, ("Beschreibung", "Menge", "Einzelpreis", "Betrag")),
        (ITEM, ("Description", "Qty", "", "Total")),
        (ITEM, ("Subtotal", "", "", "10.00")),
        (ITEM, ("VAT 19 %", "", "", "1.90")),
        (ITEM, ("Gesamtbetrag", "", "", "11.90")),
        (ITEM, ("Total:", "", "", "")),
        (MOVE, ("Date", "Details", "Amount", "Balance")),
        (MOVE, ("", "Balance brought forward", "", "2000.00")),
        (MOVE, ("1 May 2025", "Saldovortrag", "", "2000.00")),
        (MOVE, ("", "Carried forward", "", "1196.00")),
        (MOVE, ("", "Total", "-804.00", "")),
        (NAME, ("Name", "Task")),
    ],
)
def test_titles_and_sums_are_dropped_wherever_they_stand(table: Rows, none: tuple[str, ...]) -> None:
    columns, texts = table
    rows, odd = [row(columns, *one) for one in texts], row(columns, *none)
    assert without_sums(columns, [odd, *rows]) == rows
    assert without_sums(columns, [*rows, odd]) == rows


@pytest.mark.parametrize(
    ("table", "thing"),
    [
        (ITEM, ("Total", "1", "9.00", "9.00")),  # an oil
        (ITEM, ("Balance", "2", "", "80.00")),  # a shoe
        (ITEM, ("Net", "1", "12.00", "12.00")),
        (ITEM, ("Total Quartz 9000", "", "", "45.00")),
        (ITEM, ("Transport", "", "", "20.00")),
        (ITEM, ("Discount", "", "", "-1.00")),
        (MOVE, ("3 May 2025", "Total", "-40.00", "1156.00")),
        (MOVE, ("3 May 2025", "Balance", "-40.00", "")),
        (SALE, ("Net", "12.00")),
        (SALE, ("Service", "12.00")),
        (NAME, ("Merchant", "Service")),
    ],
)
def test_things_that_are_named_like_sums_stay(table: Rows, thing: tuple[str, ...]) -> None:
    columns, texts = table
    rows = [row(columns, *one) for one in (*texts, thing)]
    assert without_sums(columns, rows) == rows


def test_of_words_and_amounts_alone_a_sum_is_what_is_carried_over_or_no_less_than_all_before() -> None:
    said = [("Carried forward", "7.00"), ("Rope", "40.00"), ("Net", "12.00"), ("VAT", "9.88"), ("Total", "61.88")]
    rows = [row(SOLD, *one) for one in said]
    assert without_sums(SOLD, rows) == rows[1:4]


def test_a_sum_that_was_counted_and_listed_is_neither_seen_nor_read() -> None:
    columns = [Field(c.key, c.title, None, c.kind, "string") for c in ITEMS]
    table = TableField("items", "items", None, tuple(columns))
    rows = [row(ITEMS, *one) for one in (BOLTS, NUTS, ("Total", "", "", "10.00"))]
    said = Generation(None, None, None, StopReason.END, 0.0, table=Table(tuple(rows), 4))
    cells = cells_of(Wanted((), (table,)), [Inference(prompt_of(table), "key", said, fresh=True)])
    assert cells.counts == {"items": (3, 2)}
    assert {value.raw for value in cells.values} == {*BOLTS, *NUTS}
