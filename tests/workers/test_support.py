"""An answer counts where its page or document has what the question is about; misread words count only in doubt."""

import pytest

from storage.search_words import words_of
from workers.codes import codes_in
from workers.nearness import is_near
from workers.subject_words import about
from workers.support import UNREAD, PageText, Support, judge


def page(text: str, *, unsure: bool = False) -> PageText:
    words = tuple(words_of(text))
    doubted = frozenset(range(len(words))) if unsure else frozenset[int]()
    return PageText(words, doubted, codes={at: code for code in codes_in(text) for at in code})


def support(question: str, *pages: PageText, name: str = "a.pdf", strict: bool = False) -> Support:
    """Of an answer on the first of these pages."""
    known = dict(enumerate(pages, 1))
    return judge(about(question), known, 1, name, {}, strict=strict).support


SCHULZE = "What is the IBAN of Schulze AG?"
NUMBER = "What is the total of invoice INV-2024/0077?"
DAY = "What was signed on 12 March 2024?"


def test_the_iban_of_somebody_else_is_no_answer() -> None:
    assert support(SCHULZE, page("Rechnung Schulze AG IBAN DE89")) is Support.PAGE
    assert support(SCHULZE, page("Rechnung Meyer GmbH IBAN DE89")) is Support.NONE
    assert support(SCHULZE, page("IBAN DE89"), page("Schulze Logistik")) is Support.DOCUMENT
    assert support(SCHULZE, page("IBAN DE89"), name="Rechnung Schulze.pdf") is Support.DOCUMENT


def test_a_misread_name_counts_where_its_line_was_read_in_doubt() -> None:
    assert support(SCHULZE, page("Schuize AG", unsure=True)) is Support.PAGE
    assert support(SCHULZE, page("Schuize AG")) is Support.NONE
    assert support(SCHULZE, page("Scholz AG", unsure=True)) is Support.NONE
    assert support("What is the IBAN of Mai AG?", page("Mal GmbH", unsure=True)) is Support.PAGE  # they look alike


def test_a_number_counts_in_every_grouping_and_with_no_other_digit() -> None:
    for text in ("INV-2024/0077", "inv 20240077", "INV 2024 0077", "lNV-2O24/0077"):
        assert support(NUMBER, page(text)) is Support.PAGE, text
    for text in ("INV-2024/0078", "INV-2024/00771", "XINV-2024/0077"):
        assert support(NUMBER, page(text, unsure=True)) is Support.NONE, text


@pytest.mark.parametrize(
    ("asked", "here", "elsewhere"),
    [
        ("3670", ["No. 3670", "EUR 3670.00", "3.670,00", "RE-3670", "2024/3670", "3670/2024"], ["3670.83", "1.3670"]),
        ("4711", ["Rechnung Nr. 4711/24", "Kd.Nr.4711/K", "Re-Nr.:4711/Kd-Nr.:8812", "4711-A"], ["4711-22", "24711"]),
        ("0875", ["0875", "X/0875", "01 0875 12 Schrauben"], ["NL07 RCEG 0875 4849 14", "9397-0875", "0875-22"]),
        ("A 0796", ["A 0796", "A-0796", "A0796", "No. 0796", "2021/A-0796"], ["OG-0796", "ZK 0796"]),
        ("RE 4711", ["RECHNUNG NR 4711", "Rechnungs-Nr:4711", "RE-4711"], ["AB-4711"]),
        ("40/2021", ["40/2021", "No 40 2021", "40-2021"], ["116,40 2021-722", "340/2021", "40/2021-3"]),
        ("3670.83", ["EUR 3,670.83", "3670,83"], ["3670", "3670.00"]),
        (
            "DE89 3704 0044 0532 0130 00",
            ["IBAN: DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX", "Konto: DE89370400440532013000 EUR 250,00"],
            ["DE89 3704 0044 0532 0130 01"],
        ),
        ("GB29 NWBK 6016 1331 9268 19", ["IBAN GB29 NWBK 6016 1331 9268 19 EUR 250"], ["GB29 NWBK 6016 1331 9268 18"]),
        ("+49 30 123456", ["Tel. +49 30 123456", "030 123456"], ["123457"]),
    ],
)
def test_a_number_counts_where_it_is_no_part_of_another(asked: str, here: list[str], elsewhere: list[str]) -> None:
    question = f"What is the VAT number on invoice {asked}?"
    assert [text for text in here if support(question, page(text)) is not Support.PAGE] == []
    assert [text for text in elsewhere if support(question, page(text)) is not Support.NONE] == []


def test_a_name_counts_where_its_words_stand_together() -> None:
    question = "Who employs Anna Schmidt?"
    assert support(question, page("Schmidt, Anna, born 1980")) is Support.PAGE
    assert (
        support(question, page("Anna Weber, Karl Meyer, Otto Klein and Frieda Gross, all of Schmidt")) is Support.NONE
    )
    for text in ("Schmidt, Dr. Anna M.", "Dr. Anna M. von Schmidt", "Nachname: Schmidt Vorname: Anna"):
        assert support(question, page(text)) is Support.PAGE, text
    assert support("Who runs Vole Services?", page("Silver Services, 71 Vole Close")) is Support.NONE
    assert support("What does Meyers sell to Anna Schmidt?", page("Anna Schmidt buys")) is Support.NONE


@pytest.mark.parametrize("text", ["12.03.2024", "2024-03-12", "March 12, 2024", "le 12 mars 2024", "12.3.24"])
def test_a_day_counts_however_it_is_written(text: str) -> None:
    assert support(DAY, page(f"signed {text} here")) is Support.PAGE


def test_another_day_does_not_count() -> None:
    for text in ("13.03.2024", "12.04.2024", "12.03.2023", "12 2024"):
        assert support(DAY, page(text)) is Support.NONE, text
    assert support("What was paid in 2024?", page("paid 01.02.24")) is Support.PAGE
    for text in ("paid 24", "12 3.24", "IBAN 12 03 24"):
        assert support("What was paid in 2024?", page(text)) is Support.NONE, text
    for text in ("Datum:12.03.24", "vom 12. 03. 24", "01.03.24-31.03.24", "AM 12.03.24"):
        assert support("What was paid in 2024?", page(text)) is Support.PAGE, text


def test_a_year_counts_on_the_answers_page_and_on_the_first() -> None:
    question = "What is the total of the invoice from Meyer of 2018?"
    assert support(question, page("Meyer GmbH 3 May 2018")) is Support.PAGE
    known = {1: page("Meyer GmbH 2018"), 2: page("total 12.00"), 3: page("see our terms")}
    assert judge(about(question), known, 2, "a.pdf", {}, strict=False).support is Support.DOCUMENT
    assert support(question, page("Meyer GmbH 3 May 2023"), page("last changed on 17/6/2018")) is Support.NONE


def test_quoted_words_count_next_to_each_other() -> None:
    assert support('Who says "time is money"?', page("Time is money, he said")) is Support.PAGE
    assert support('Who says "time is money"?', page("money is time")) is Support.NONE


def test_of_a_question_without_names_the_softer_words_count_where_nobody_named_documents() -> None:
    question = "What is the boiling point of ethanol?"
    assert support(question, page("point taken"), strict=True) is Support.NONE
    assert support(question, page("ethanol boils at one point"), strict=True) is Support.PAGE
    assert support(question, page("point taken")) is Support.PAGE
    assert support("What is the total?", page("nothing"), strict=True) is Support.PAGE


def test_of_pages_that_nobody_has_read_nothing_is_known() -> None:
    assert support(SCHULZE, UNREAD) is Support.UNKNOWN
    assert support(SCHULZE, page("IBAN"), UNREAD) is Support.UNKNOWN


def test_in_a_long_document_a_name_far_away_is_about_something_else() -> None:
    pages = [page("filler")] * 30
    near = [*pages[:2], page("Schulze"), *pages[3:]]
    far = [*pages[:20], page("Schulze"), *pages[21:]]
    assert support(SCHULZE, *near) is Support.DOCUMENT
    assert support(SCHULZE, *far) is Support.NONE


def test_words_are_near_by_looks_or_by_one_letter_in_many() -> None:
    assert is_near("kern", "kem")
    assert is_near("schmidt", "schmldt")
    assert is_near("elektrotechnik", "eiektrotechnlk")
    assert not is_near("meyer", "bauer")
    assert not is_near("otto", "otta")
    assert not is_near("4711", "4712")
    assert is_near("4711", "47l1")
