"""Cells that are read of a table are held against the rows that are printed."""

from core.records import FieldKind
from training.cells import _paired
from training.render.page import Grid
from workers.vlm.interface import Cell

KINDS = {"description": FieldKind.TEXT, "amount": FieldKind.MONEY}
PRINTED = Grid(
    ("code", "description", "amount"), (), (("1", "Ink", "4.00"), ("2", "Paper", "6.50"), ("3", "Pen", "4.00"))
)


def row(description: str, amount: str) -> dict[str, Cell]:
    return {"description": Cell(description, None, 0.9), "amount": Cell(amount, None, 0.9)}


def codes(*rows: dict[str, Cell]) -> list[str | None]:
    """The printed rows that rows which were read are taken for, by their codes."""
    return [printed.get("code") for _, printed in _paired(rows, PRINTED, KINDS)]


def test_rows_are_the_printed_ones_in_their_order_also_where_a_cell_was_misread() -> None:
    assert codes(row("Ink", "4.00"), row("Paqer", "6.50"), row("Pen", "4.00")) == ["1", "2", "3"]
    assert codes(row("Ink", "4.00 EUR"), row("Pen", "4.00")) == ["1", "3"]


def test_a_row_that_is_none_is_none_of_them() -> None:
    assert codes(row("Ink", "4.00"), row("Carried over", "10.50"), row("Pen", "4.00")) == ["1", None, "3"]
    assert codes() == []
    assert codes(row("Glue", "1.00")) == [None]
