"""Rows that the bundled model sees on a page and cannot read: they are counted, so that no job is silent about them."""

import pytest

from tests.workers.vlm.drawn_tables import GOODS, MOVED, MOVEMENTS, PLAIN, STATEMENT, read, table_of


def test_a_row_that_is_missing_among_even_ones_is_seen() -> None:
    lines = [f"{day:02}/03/2025  Payment {day:<16}{day}.50" for day in range(1, 15)]
    lines[6] = ""
    table = table_of("Date        Details               Amount\n" + "\n".join(lines), MOVEMENTS)
    assert table is not None
    assert (len(table.rows), table.seen) == (13, 14)


def test_a_strip_with_an_amount_that_is_no_whole_row_is_seen() -> None:
    drawn = PLAIN.replace(
        "Watering can             1         9.90        9.90", "                                               9.90"
    )
    table = table_of(drawn, GOODS)
    assert table is not None
    assert (len(table.rows), table.seen) == (2, 3)


LIST = """
     CORNER SHOP
  12 Mill Road, Leeds

Bread                  2.10
Semi-skimmed milk      1.35
Toothpaste             3.99
Purse                  8.00
Soap                   1.20

TOTAL                 16.64
"""


@pytest.mark.parametrize("amount", ["2.10", "3.99", "8.00", "1.20"])
@pytest.mark.parametrize("misread", ["2 lo5", "x1O0", "[4-45"])
def test_a_row_whose_amount_was_misread_is_seen(amount: str, misread: str) -> None:
    table = table_of(LIST.replace(f" {amount}\n", f"{misread}\n"), GOODS)
    assert table is not None
    assert table.seen == 5


def test_a_list_of_which_no_row_could_be_read_is_seen() -> None:
    drawn = "SHOP\n\nBread              2.108\nMilk              1.95B9\n\nPIN                12.00"
    table = table_of(drawn, GOODS)
    assert table is not None
    assert table.seen >= 2


def test_labels_and_amounts_of_a_form_are_no_rows() -> None:
    line = " " * 130 + "Page 1"
    drawn = f"{line}\nTenancy deposit           7.59\nRent a month             18.60\nDamage                    1.20"
    assert read(drawn, GOODS) is None


MOVED_ON = """
15.10.2025  Refund Moor Café                    77.34
16.10.2025  Fee Byrne             20.25
17.10.2025  Card payment Romero   11.59
19.10.2025  Purchase Delta         2.31
Closing stand 697.28
"""


def test_movements_without_titles_are_read_from_the_first_on_whichever_side_they_stand() -> None:
    rows = read(MOVED_ON, MOVEMENTS)
    assert rows is not None
    assert [row[0] for row in rows] == ["15.10.2025", "16.10.2025", "17.10.2025", "19.10.2025"]


@pytest.mark.parametrize("date", ["16.10.2025", "16 October 2025", "October 16, 2025", "16/10/25"])
@pytest.mark.parametrize("misread", ["16.1O.2x25  Fee Byrne             2O.2S", "--.--  Fee"])
def test_a_movement_that_was_misread_is_seen_under_titles_that_nobody_knows(date: str, misread: str) -> None:
    lines = [f"{date:<18}  Payment {n}            1{n}.50" for n in range(6)]
    garbled = misread.replace("16.1O.2x25", date.replace("0", "O"))
    table = table_of("\n".join(["Zwumb       Frolg                Plonk", *lines[:3], garbled, *lines[3:]]), MOVEMENTS)
    assert table is not None
    assert table.seen - len(table.rows) == (1 if "Byrne" in misread else 0)


def test_movements_of_which_none_could_be_read_are_seen() -> None:
    lines = ["1 6 Au gust 2%21  Tra-s ser     -26.n9", "M6August 2C21     Relund        -4,718.7J"]
    lines += ["17 Auggust 2021   PXrchase        -2.3x", "18 AugusZ 4021    Fee Mar~       -92s70"]
    table = table_of("\n".join(lines), MOVEMENTS)
    assert table is not None
    assert table.seen > len(table.rows)


@pytest.mark.parametrize(
    "strip",
    [
        "30/05/11 to 29/06/11",
        "FR7832109836899091053255004   2013/2567   July 26, 2013 until August 25, 2013",
        "67.52 GBP        14519.56 GBP",
        "Statement to      31/10/2025                     58/2025",
        "31/10/2025  Closing balance                      3,424.50",
    ],
)
def test_periods_numbers_and_balances_beside_movements_are_no_rows_that_are_missing(strip: str) -> None:
    table = table_of(f"{strip}\n{STATEMENT}", MOVEMENTS)
    assert table is not None
    assert (table.seen, len(table.rows)) == (len(MOVED), len(MOVED))


def test_goods_under_titles_that_nobody_knows_are_seen() -> None:
    drawn = """
Zwumb                Frolg       Plonk         Brix     Quorn
Steel bolts M8         200        0.15         5 %      28.50
Washers               1000        0.02         5 %      19.00
"""
    wide = " " * 120 + "Page 1"
    table = table_of(wide + drawn, (GOODS[0], GOODS[1], GOODS[3]))
    assert table is not None
    assert table.seen == 2
