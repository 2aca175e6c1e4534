"""Sorting pages by what is printed on them: titles, words that go with a kind, labels in anybody's own words."""

from collections.abc import Sequence

import pytest

from workers.vlm.bundled.kinds import KINDS, kind_called
from workers.vlm.bundled.printed import PrintedLine
from workers.vlm.bundled.sorting import kind_of, sort_page
from workers.vlm.titles import fold

PAPER, ROLL = 600.0, 250.0  # a page's width in pixels, where lines are 12 high
LABELS = ("invoice", "letter", "contract")


def page(*said: tuple[str, float]) -> list[PrintedLine]:
    """Lines with the sizes that they are set in."""
    last = max(1, len(said) - 1)
    return [
        PrintedLine(text, tuple(fold(text).split()), (10.0, 30.0 * n, 90.0, 30.0 * n + 12 * size), 0.95, size, n / last)
        for n, (text, size) in enumerate(said)
    ]


PROSE = tuple((f"words that say nothing of it {n}", 1.0) for n in range(12))


def label(lines: Sequence[PrintedLine], *labels: str, width: float = PAPER) -> str | None:
    return sort_page(lines, width, labels).label


@pytest.mark.parametrize(
    "title",
    ["INVOICE", "Rechnung", "Facture", "Factura", "Fattura", "Factuur", "Handwerkerrechnung", "lnvoice", "Rechnunq"],
)
def test_a_title_tells_the_kind_in_six_languages_also_as_a_compound_and_misread(title: str) -> None:
    assert label(page((title, 1.8), *PROSE), *LABELS) == "invoice"


def test_words_that_go_with_a_kind_tell_it_without_a_title() -> None:
    said = (("Sehr geehrte Frau Meier,", 1.0), *PROSE, ("Mit freundlichen Grüßen", 1.0), ("Betreff: Heizung", 1.0))
    assert label(page(*said), *LABELS) == "letter"


def test_a_letter_that_mentions_an_invoice_is_a_letter() -> None:
    said = (
        ("Acme Ltd", 1.5),
        ("Dear Ms Meyer,", 1.0),
        ("please find our reply to your invoice of May below.", 1.0),
        *PROSE,
        ("Yours sincerely", 1.0),
        ("Our reference", 1.0),
    )
    assert label(page(*said), *LABELS) == "letter"


def test_where_no_label_fits_none_is_given_and_surely() -> None:
    verdict = sort_page(page(*PROSE), PAPER, LABELS)
    assert (verdict.label, verdict.box) == (None, None)
    assert verdict.confidence > 0.5
    assert label(page(("Invoice", 1.8), *PROSE), "letter", "contract") is None


def test_labels_are_known_by_other_names_and_in_the_plural() -> None:
    lines = page(("Rechnung", 1.8), *PROSE)
    assert [label(lines, name, "letters") for name in ("Bills", "Rechnung", "factures", "tax invoice")] == [
        "Bills",
        "Rechnung",
        "factures",
        "tax invoice",
    ]


def test_a_label_that_names_no_known_kind_is_looked_for_in_its_own_words() -> None:
    lines = page(("Bicycle Passport", 1.6), *PROSE)
    assert label(lines, "bicycle passport", "dog licence", "invoice") == "bicycle passport"


def test_a_label_that_narrows_a_kind_is_told_by_its_other_words() -> None:
    lines = page(("Contract", 1.7), ("between landlord and tenant about the rental of rooms", 1.0), *PROSE)
    assert label(lines, "rental contract", "sales contract") == "rental contract"


def test_a_page_as_narrow_as_a_till_s_roll_is_a_receipt() -> None:
    lines = page(("Corner Shop", 1.3), ("2 x milk 2.40", 1.0), ("Total 2.40", 1.2))
    assert label(lines, "receipt", "invoice", width=ROLL) == "receipt"
    assert label(lines, "receipt", "invoice", width=PAPER) is None


def test_the_line_that_says_most_is_told() -> None:
    verdict = sort_page(page(("Acme", 2.0), ("Invoice", 1.5), *PROSE), PAPER, LABELS)
    assert verdict.box == (10.0, 30.0, 90.0, 48.0)


def test_a_page_without_lines_fits_nothing() -> None:
    assert sort_page([], PAPER, LABELS).label is None
    assert kind_of([], PAPER)[0] is None


def test_every_known_kind_is_found_by_its_own_name() -> None:
    for kind in KINDS:
        assert kind_called(kind.name) == kind
        found, sure = kind_of(page((kind.name.title(), 1.8), *PROSE), PAPER)
        assert found == kind, kind.name
        assert sure > 0.5


def test_known_phrases_stand_as_texts_fold() -> None:
    phrases = [phrase for kind in KINDS for phrase in (*kind.titles, *kind.cues)]
    assert [phrase for phrase in phrases if fold(phrase) != phrase] == []
