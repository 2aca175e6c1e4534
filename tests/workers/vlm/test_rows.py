"""Rows that the bundled model lays out, on pages of many looks."""

import pytest

from tests.workers.vlm.drawn_tables import GOODS, GOODS_READ, MOVED, MOVEMENTS, PITCH, PLAIN, STATEMENT, read, table_of
from workers.vlm.interface import AGAINST, Column


def test_rows_stand_between_titles_and_sums() -> None:
    assert read(PLAIN, GOODS) == GOODS_READ


@pytest.mark.parametrize("turned", [-0.02, 0.015])
def test_a_page_that_was_laid_askew_has_the_same_rows(turned: float) -> None:
    assert read(PLAIN, GOODS, turned=turned) == GOODS_READ


@pytest.mark.parametrize(
    "titles",
    [
        "Bezeichnung            Menge  Einzelpreis    Betrag",
        "Désignation             Qté   Prix unit.     Montant",
        "Descripción            Cant.  Precio unit.   Importe",
        "Descrizione            Q.tà   Prezzo unit.   Importo",
        "Omschrijving           Aantal  Stukprijs      Bedrag",
        "ARTICLE                HOURS       RATE   LINE TOTAL",
        "Product / Produkt       Qty   Price (EUR)   Total EUR",
        "Descriptlon            Quantlty  Unit prlce   Amount",
    ],
)
def test_titles_are_known_in_six_languages_and_with_a_letter_misread(titles: str) -> None:
    drawn = PLAIN.replace("Description            Qty   Unit price      Amount", titles)
    assert read(drawn, GOODS) == GOODS_READ


def test_columns_that_nobody_wants_are_left_out() -> None:
    drawn = """
Pos  Art. No.  Description        Qty  Unit  Unit price  Disc.  VAT    Amount
1    A-1177    Blue paint           2  l          12.00   10%   20%     21.60
2    B-2040    Brush, wide          1  pc          4.50         20%      4.50
3    77120     Tape                10  m           1.10         20%     11.00
                                                  Total                  37.10
"""
    assert read(drawn, GOODS) == [
        ["Blue paint", "2", "12.00", "21.60"],
        ["Brush, wide", "1", "4.50", "4.50"],
        ["Tape", "10", "1.10", "11.00"],
    ]


def test_a_wrapped_description_is_one_cell() -> None:
    drawn = """
Description                 Qty      Price     Amount
Maintenance of the heating    1     240.00     240.00
system, spring visit
Filter                        2      18.00      36.00
Travel to the site and        1      60.00      60.00
back, two persons
                           Total               336.00
"""
    assert read(drawn, GOODS) == [
        ["Maintenance of the heating system, spring visit", "1", "240.00", "240.00"],
        ["Filter", "2", "18.00", "36.00"],
        ["Travel to the site and back, two persons", "1", "60.00", "60.00"],
    ]


def test_titles_may_stand_on_two_lines() -> None:
    drawn = """
                                 Unit        Total
Item                    Qty     price        price
Desk lamp                 1     45.00        45.00
Bulb, warm white          4      3.20        12.80
"""
    assert read(drawn, GOODS) == [
        ["Desk lamp", "1", "45.00", "45.00"],
        ["Bulb, warm white", "4", "3.20", "12.80"],
    ]


def test_narrow_numbers_stand_right_under_wide_titles() -> None:
    drawn = """
Description   Quantity delivered   Unit price excl. VAT   Amount excl. VAT
Nut M4                         5                   0.10               0.50
Bolt                          12                   0.20               2.40
"""
    assert read(drawn, GOODS) == [["Nut M4", "5", "0.10", "0.50"], ["Bolt", "12", "0.20", "2.40"]]


def test_wide_numbers_reach_beyond_narrow_titles() -> None:
    drawn = """
Description                Qty           Price             Total
Excavator, tracked           1  EUR 141,300.00    EUR 141,300.00
Shovel                   1,200       EUR 21.50     EUR 25,800.00
"""
    assert read(drawn, GOODS) == [
        ["Excavator, tracked", "1", "EUR 141,300.00", "EUR 141,300.00"],
        ["Shovel", "1,200", "EUR 21.50", "EUR 25,800.00"],
    ]


def test_a_currency_in_front_of_an_amount_is_part_of_it() -> None:
    drawn = """
Description            Qty          Price           Amount
Cable                    3   $       2.00     $       6.00
Plug                     1   $      10.00     $      10.00
"""
    assert read(drawn, GOODS) == [["Cable", "3", "$ 2.00", "$ 6.00"], ["Plug", "1", "$ 10.00", "$ 10.00"]]


def test_balances_that_are_carried_are_no_rows_and_movements_named_like_sums_are() -> None:
    assert read(STATEMENT, MOVEMENTS) == MOVED


def test_debits_count_against_and_credits_do_not() -> None:
    drawn = """
Datum       Buchungstext                    Soll       Haben       Saldo
03.01.2025  Miete Januar                  850,00                1.150,00
07.01.2025  Gehalt                                  2.400,00    3.550,00
09.01.2025  Stadtwerke Strom               88,10                3.461,90
"""
    assert read(drawn, MOVEMENTS) == [
        ["03.01.2025", "Miete Januar", f"{AGAINST}850,00", "1.150,00"],
        ["07.01.2025", "Gehalt", "2.400,00", "3.550,00"],
        ["09.01.2025", "Stadtwerke Strom", f"{AGAINST}88,10", "3.461,90"],
    ]


@pytest.mark.parametrize("title", ["KR", "EUR", "€", "CHF", "(USD)", "in EUR", ""])
@pytest.mark.parametrize("gap", [1, 4, 8])
def test_amounts_under_a_currency_and_balances_beside_them_are_cells_of_their_own(title: str, gap: int) -> None:
    rows = [("02/03/2025", "Rent", "-326,86", "8.204,74"), ("04/03/2025", "Salary", "2.500,00", "10.704,74")]
    lines = [f"{date}  {text:<16}{amount:>10}{' ' * gap}{balance:>9}" for date, text, amount, balance in rows]
    drawn = f"Date        {'Details':<16}{title:>10}{' ' * gap}{'BALANCE':>9}\n" + "\n".join(lines)
    assert read(drawn, MOVEMENTS) == [list(row) for row in rows]


@pytest.mark.parametrize(
    ("debits", "gains"),
    [
        ("Bedrag af", "Bedrag bij"),
        ("Amounts paid out", "Amounts paid in"),
        ("Betrag Soll", "Betrag Haben"),
        ("Importo uscite", "Importo entrate"),
        ("Sommes au debit", "Sommes au credit"),
    ],
)
def test_a_side_of_the_account_is_known_by_a_longer_title(debits: str, gains: str) -> None:
    drawn = f"""
Date        Text         {debits:>20}{gains:>20}    Saldo
03.01.2025  Rent                       850,00                      1.150,00
07.01.2025  Salary                                     2.400,00    3.550,00
"""
    read_rows = read(drawn, MOVEMENTS)
    assert read_rows is not None
    assert [row[2] for row in read_rows] == [f"{AGAINST}850,00", "2.400,00"]


def test_debits_and_credits_that_are_wanted_by_themselves_stay_as_they_are() -> None:
    drawn = """
Date        Text                Debit      Credit
2025-01-03  Rent               850.00
2025-01-07  Salary                       2,400.00
"""
    columns = (*MOVEMENTS[:2], Column("debit", "debit"), Column("credit", "credit"))
    assert read(drawn, columns) == [
        ["2025-01-03", "Rent", "850.00", None],
        ["2025-01-07", "Salary", None, "2,400.00"],
    ]


def test_a_page_that_goes_on_without_titles_has_its_rows() -> None:
    drawn = "\n".join(line for line in STATEMENT.split("\n") if "Details" not in line and "Opening" not in line)
    assert read(drawn, MOVEMENTS) == MOVED


def test_titles_that_are_repeated_on_the_page_are_no_row() -> None:
    head = "Date        Details                   Amount         Balance"
    drawn = STATEMENT.replace("04/03/2025  Salary", f"{head}\n04/03/2025  Salary")
    assert read(drawn, MOVEMENTS) == MOVED


def test_rows_go_on_behind_a_sum_in_between() -> None:
    drawn = STATEMENT.replace("04/03/2025  Salary", f"            {'Subtotal':<26}-4.20\n04/03/2025  Salary")
    assert read(drawn, MOVEMENTS) == MOVED


def test_a_receipt_has_no_titles_and_its_prices_at_the_right_edge() -> None:
    drawn = """
     CORNER SHOP
  12 Mill Road, Leeds
Date: 03/02/2025   11:42
Till: 4

Bread                  2.10
Semi-skimmed milk      1.35 A
Total Care toothpaste  3.99 A
Change purse           8.00
------------------------
SUBTOTAL              15.44
VAT                    1.07
TOTAL                 16.51
Cash                  20.00
Change                 3.49
"""
    assert read(drawn, GOODS) == [
        ["Bread", None, None, "2.10"],
        ["Semi-skimmed milk", None, None, "1.35"],
        ["Total Care toothpaste", None, None, "3.99"],
        ["Change purse", None, None, "8.00"],
    ]


@pytest.mark.parametrize(
    ("drawn", "rows"),
    [
        (
            "2 x Tea                4.20\n1 x Scone              2.50\nTOTAL                  6.70",
            [["Tea", "2", None, "4.20"], ["Scone", "1", None, "2.50"]],
        ),
        (
            "Tea                    4.20\n  2 x 2.10\nScone                  2.50\nTOTAL                  6.70",
            [["Tea", "2", "2.10", "4.20"], ["Scone", None, None, "2.50"]],
        ),
        (
            "Tea\n  2 x 2.10             4.20\nScone\n  1 x 2.50             2.50\nTOTAL                  6.70",
            [["Tea", "2", "2.10", "4.20"], ["Scone", "1", "2.50", "2.50"]],
        ),
        (
            "2 Tea                  4.20\n1 Scone                2.50\nTOTAL                  6.70",
            [["Tea", "2", None, "4.20"], ["Scone", "1", None, "2.50"]],
        ),
        (
            "40117 Tea              4.20\n40220 Scone            2.50\nTOTAL                  6.70",
            [["Tea", None, None, "4.20"], ["Scone", None, None, "2.50"]],
        ),
    ],
)
def test_a_receipt_may_tell_how_many_before_or_below(drawn: str, rows: list[list[str | None]]) -> None:
    assert read(drawn, GOODS) == rows


@pytest.mark.parametrize(
    "feet",
    [
        ("TOT. IMPONIBILE.      2,46", "I.V.A.                0,24", "TOTALE                2,70"),
        ("T.V.A.                0,24", "TOTAL TTC             2,70"),
        ("B.T.W.                0,24", "TOTAAL                2,70"),
        ("TOT. EURO             2,70", "Contanti              2,00", "Carta                 0,70"),
        ("TOTALE EURO", "                      2,70", "Contanti              2,00", "Carta                 0,70"),
    ],
)
def test_short_forms_of_sums_and_what_is_paid_below_a_total_are_no_things_bought(feet: tuple[str, ...]) -> None:
    drawn = "\n".join(("ALIMENTARI ROSSI", "", "Pane di casa          1,20", "Latte intero          1,50", *feet))
    assert read(drawn, GOODS) == [["Pane di casa", None, None, "1,20"], ["Latte intero", None, None, "1,50"]]


def test_paper_that_is_bought_is_no_payment() -> None:
    drawn = """
CARTOLERIA

Carta                 1,20
Penne blu             1,50
TOTALE                2,70
Carta                 2,70
"""
    assert read(drawn, GOODS) == [["Carta", None, None, "1,20"], ["Penne blu", None, None, "1,50"]]


def test_titles_of_a_statement_in_short_forms_are_no_row() -> None:
    drawn = """
Data cont.  Data val.   Descrizione                 Importo      Saldo
02/01       02/01       Bonifico Bianchi             120,00     620,00
03/01       03/01       Addebito luce                -45,10     574,90
Data cont.  Data val.   Descrizione                 Importo      Saldo
07/01       07/01       Prelievo                     -50,00     524,90
"""
    assert read(drawn, MOVEMENTS) == [
        ["02/01", "Bonifico Bianchi", "120,00", "620,00"],
        ["03/01", "Addebito luce", "-45,10", "574,90"],
        ["07/01", "Prelievo", "-50,00", "524,90"],
    ]


def test_a_table_of_words_is_found_by_the_names_of_its_columns() -> None:
    drawn = """
Attendees of the meeting

Name               Department      Room
Ada Byron          Engines         12b
Mary Somerville    Astronomy       3
Sonja Kowalewski   Mathematics     7
"""
    columns = (Column("name", "name"), Column("dept", "department"), Column("room", "room"))
    assert read(drawn, columns) == [
        ["Ada Byron", "Engines", "12b"],
        ["Mary Somerville", "Astronomy", "3"],
        ["Sonja Kowalewski", "Mathematics", "7"],
    ]


@pytest.mark.parametrize(
    "drawn",
    [
        "Dear Ms Hart,\n\nthank you for your letter of 3 May 2025. We will pay the amount\nof 120.00 within two weeks.",
        "First name: Ada        Last name: Byron\nDate of birth: 10/12/1815   Amount: 12.00",
        "                      Subtotal      125.90\n                      VAT 20%        25.18",
        "",
    ],
)
def test_a_page_without_a_table_has_none(drawn: str) -> None:
    assert read(drawn, GOODS) is None


def test_every_cell_has_its_own_place_and_is_as_sure_as_its_characters() -> None:
    table = table_of(PLAIN, GOODS)
    assert table is not None
    cell = table.rows[1]["amount"]
    assert cell.text == "9.90"
    assert cell.box[0] == pytest.approx(47 * PITCH, abs=PITCH)
    assert cell.box[2] == pytest.approx(51 * PITCH, abs=PITCH)
    assert cell.confidence == pytest.approx(0.99**4)
