"""Pages with tables, each drawn as text, a character a place."""

from collections.abc import Sequence

from core.records import FieldKind
from workers.vlm.bundled.configuration import ALPHABET, IDS
from workers.vlm.bundled.finder import Segment
from workers.vlm.bundled.rows import PageTable, find_rows
from workers.vlm.bundled.words import Glyph, Word, words_of
from workers.vlm.interface import Column

PITCH, HEIGHT, LEADING = 6.0, 10.0, 14.0  # pixels of a character, of a line, and from line to line
GOODS = (
    Column("description", "description"),
    Column("quantity", "quantity", kind=FieldKind.NUMBER),
    Column("unit_price", "unit price", kind=FieldKind.MONEY),
    Column("amount", "amount", kind=FieldKind.MONEY),
)
MOVEMENTS = (
    Column("date", "date", kind=FieldKind.DATE),
    Column("description", "description"),
    Column("amount", "amount", kind=FieldKind.MONEY),
    Column("balance", "balance", kind=FieldKind.MONEY),
)


def page_of(drawn: str, turned: float = 0.0, leading: float = LEADING) -> list[Word]:
    """The words of a drawn page, as a reader gives them; `turned` is how much its lines fall, a pixel along."""
    words: list[Word] = []
    for number, line in enumerate(drawn.strip("\n").split("\n")):
        glyphs = [Glyph((IDS[c],), (0.99,), (i + 0.5) * PITCH) for i, c in enumerate(line)]
        y = 20 + number * leading
        if line.strip():
            segment = Segment(0.0, len(line) * PITCH, y, y + turned * len(line) * PITCH, HEIGHT)
            words += words_of(glyphs, segment, number, ALPHABET)
    return words


def read(drawn: str, columns: Sequence[Column], **looks: float) -> list[list[str | None]] | None:
    """The cells of a drawn page by the columns that are wanted; None where there is no table."""
    table = table_of(drawn, columns, **looks)
    if table is None:
        return None
    return [[row[c.key].text if c.key in row else None for c in columns] for row in table.rows]


def table_of(drawn: str, columns: Sequence[Column], **looks: float) -> PageTable | None:
    """The table of a drawn page."""
    return find_rows(page_of(drawn, **looks), columns, ALPHABET)


PLAIN = """
INVOICE                                   No. 2025-117

Description            Qty   Unit price      Amount
Garden hose 20 m         2        14.50       29.00
Watering can             1         9.90        9.90
Rake, steel             12         7.25       87.00

                            Subtotal        125.90
                            VAT 20%          25.18
                            Total           151.08
"""
GOODS_READ = [
    ["Garden hose 20 m", "2", "14.50", "29.00"],
    ["Watering can", "1", "9.90", "9.90"],
    ["Rake, steel", "12", "7.25", "87.00"],
]
STATEMENT = """
Opening balance                                     1,000.00

Date        Details                   Amount         Balance
01/03/2025  Balance brought forward                 1,000.00
02/03/2025  Card payment Bakery        -4.20          995.80
04/03/2025  Salary March            2,500.00        3,495.80
05/03/2025  Total Energies gas        -51.30       3,444.50
05/03/2025  Cash                      -20.00        3,424.50
            Balance carried forward                 3,424.50
"""
MOVED = [
    ["02/03/2025", "Card payment Bakery", "-4.20", "995.80"],
    ["04/03/2025", "Salary March", "2,500.00", "3,495.80"],
    ["05/03/2025", "Total Energies gas", "-51.30", "3,444.50"],
    ["05/03/2025", "Cash", "-20.00", "3,424.50"],
]
