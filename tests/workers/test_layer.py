"""The page's own text layer agrees with a value, mends a near miss, or clashes; nonsense says nothing."""

from dataclasses import replace

import pytest

from core.records import Box, FieldKind, FieldValue, LayerVerdict, ValueState
from workers.layer import LayerWords, is_sound, judge, judge_all
from workers.nearness import edits

AGREES, SNAPPED, CLASHES = LayerVerdict.AGREES, LayerVerdict.SNAPPED, LayerVerdict.CLASHES
LINE, LETTER = 0.02, 0.01  # height of a line, width of a letter
ENGLISH = "Invoice for the delivery of office paper and seven boxes of pencils to the harbour office on Monday morning"


def layer_of(*lines: str) -> LayerWords:
    """A layer whose lines stand at 0.1, 0.2, ... of the page's height and begin at 0.1 of its width."""
    words = []
    for number, line in enumerate(lines, 1):
        at = 0
        for word in line.split(" "):
            x = 0.1 + at * LETTER
            words.append((word, x, number / 10, x + len(word) * LETTER, number / 10 + LINE))
            at += len(word) + 1
    return LayerWords.of(words)


def value(raw: str | None, line: int = 1, start: int = 0, letters: int | None = None, lines: int = 1) -> FieldValue:
    """A value that was read where `letters` of a line stand."""
    x0 = 0.1 + start * LETTER
    x1 = x0 + (len(raw or "") if letters is None else letters) * LETTER
    box = Box(x0, line / 10 - 0.002, x1, (line + lines - 1) / 10 + LINE + 0.002)
    state = ValueState.ABSENT if raw is None else ValueState.FOUND
    return FieldValue("total", state, raw, 0.4, box, "key")


def judged(raw: str, line: str, kind: FieldKind = FieldKind.TEXT) -> tuple[str | None, LayerVerdict | None]:
    """What becomes of a value that was read where the whole line stands."""
    after = judge(value(raw, letters=len(line)), layer_of(line), kind)
    return after.raw, after.layer


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("Acme Paper Ltd", "Acme Paper Ltd"),
        ("ACME PAPER LTD", "Acme Paper Ltd"),
        ("DE89 3704 0044", "DE8937040044"),
        ("12.00", "Total: 12.00"),
        ("12345", "No:12345"),
        ("O’Brien", "O'Brien"),
        ("Auftraggeber", "Auf\u00adtraggeber"),
        ("Office", "O\ufb03ce"),
    ],
)
def test_a_layer_that_says_the_same_in_other_dress_agrees(raw: str, line: str) -> None:
    assert judged(raw, line) == (raw, AGREES)


@pytest.mark.parametrize(
    ("raw", "line", "mended"),
    [
        ("Acne Paper Ltd", "Acme Paper Ltd", "Acme Paper Ltd"),
        ("INV-1O023", "INV-10023", "INV-10023"),
        ("Muller", "Müller", "Müller"),
        ("1nvoice 1234", "Total: Invoice 1234", "Invoice 1234"),
        ("0ffice", "O\ufb03ce", "Office"),
    ],
)
def test_a_near_miss_takes_the_layers_characters_and_keeps_what_was_seen(raw: str, line: str, mended: str) -> None:
    after = judge(value(raw, letters=len(line)), layer_of(line), FieldKind.TEXT)
    assert (after.raw, after.seen, after.layer) == (mended, raw, SNAPPED)
    assert (after.confidence, after.box) == (0.4, value(raw, letters=len(line)).box)


@pytest.mark.parametrize(
    ("confidence", "verified", "mended"),
    [
        (0.99, False, True),  # it did not come back when it was read again
        (0.4, True, True),
        (0.6, True, False),
        (0.6, None, True),  # nobody has looked again
        (0.9, None, False),
        (None, None, True),
        (None, True, False),
    ],
)
def test_a_sure_reading_is_not_mended_to_what_another_program_may_have_read_wrong(
    confidence: float | None,
    verified: bool | None,  # noqa: FBT001 - a case
    mended: bool,  # noqa: FBT001 - a case
) -> None:
    sure = replace(value("11,90 Fr.", letters=9), confidence=confidence, verified=verified)
    after = judge(sure, layer_of("11,98 Fr."), FieldKind.TEXT)
    assert (after.raw, after.layer) == (("11,98 Fr.", SNAPPED) if mended else ("11,90 Fr.", CLASHES))


@pytest.mark.parametrize(("raw", "line"), [("12.00", "Pencils"), ("1,204.00", "9,876.50"), ("A", "B"), ("12", "13")])
def test_another_text_in_the_box_clashes_and_the_reading_stays(raw: str, line: str) -> None:
    assert judged(raw, line) == (raw, CLASHES)


def test_a_code_with_a_right_checksum_is_not_mended_to_one_with_a_wrong_one() -> None:
    right, wrong = "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 01"
    assert judged(right, wrong, FieldKind.IBAN) == (right, CLASHES)
    assert judged(wrong, right, FieldKind.IBAN) == (right, SNAPPED)


def test_an_amount_is_not_mended_to_what_is_none() -> None:
    assert judged("1,204.00", "1,2O4.00", FieldKind.MONEY) == ("1,204.00", CLASHES)
    assert judged("1,2O4.00", "1,204.00", FieldKind.MONEY) == ("1,204.00", SNAPPED)


def test_the_sign_of_an_amount_is_not_trimmed_away() -> None:
    assert judged("12.50", "(12.50)", FieldKind.MONEY) == ("12.50", CLASHES)
    assert judged("12.50", "-12.50", FieldKind.MONEY) == ("-12.50", SNAPPED)


def test_a_label_that_stands_close_to_an_amount_is_trimmed_away() -> None:
    assert judged("12.00", "Total:12.00", FieldKind.MONEY) == ("12.00", AGREES)


def test_words_beside_above_and_below_the_box_are_not_compared() -> None:
    layer = layer_of("Subtotal 10.00", "Total 12.00 EUR", "Paid 12.00")
    assert judge(value("12.00", line=2, start=6), layer, FieldKind.MONEY).layer is AGREES


def test_an_address_of_several_lines_is_read_row_by_row() -> None:
    words = [("Harbour", 0.1, 0.1), ("5", 0.24, 0.101), ("20457", 0.1, 0.13), ("Hamburg", 0.2, 0.129)]
    layer = LayerWords.of((text, x, y, x + len(text) * LETTER, y + LINE) for text, x, y in reversed(words))
    address = replace(value("Harbour 5\n20457 Hamburg"), box=Box(0.09, 0.095, 0.4, 0.155))
    assert judge(address, layer, FieldKind.TEXT).layer is AGREES


def test_where_the_layer_has_no_words_it_says_nothing() -> None:
    scan = value("12.00", line=5)
    assert judge(scan, layer_of("Total 12.00"), FieldKind.MONEY) == scan


def test_words_that_nobody_sees_neither_agree_nor_mend_nor_clash() -> None:
    said = [
        [w.text, w.box.x0, w.box.y0, w.box.x1, w.box.y1, True]
        for w in layer_of("12.00 EUR", "INV-10023", ENGLISH).words
    ]
    read = [value("12.00"), value("INV-1O023", line=2), value("Berlin", line=3)]
    assert judge_all(read, LayerWords.of(said), {}) == read


def test_what_was_not_found_or_has_no_box_is_left_as_it_is() -> None:
    nothing, boxless = value(None, letters=5), replace(value("12.00"), box=None)
    assert judge_all([nothing, boxless], layer_of(ENGLISH), {}) == [nothing, boxless]


def test_a_text_as_long_as_a_page_is_judged_without_delay() -> None:
    long = "pencil " * 20_000
    assert judge(value(long, letters=len(ENGLISH)), layer_of(ENGLISH), FieldKind.TEXT).layer is None


@pytest.mark.parametrize(
    "text",
    [
        "Rechnung für die Lieferung von Büromaterial an das Hafenamt, zahlbar bis Montag",
        "Facture pour la livraison de papier à la capitainerie, à régler avant lundi",
        ENGLISH,
        "Счёт за поставку бумаги в управление порта до понедельника",
        "12.00 13.50 204.10 17.00",
    ],
)
def test_a_layer_in_a_language_or_of_numbers_is_sound(text: str) -> None:
    assert is_sound(layer_of(text).words)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ãœberweisung fÃ¼r BÃ¼romaterial",
        "(cid:12)(cid:44) (cid:3)(cid:9)",
        "\ue012\ue044\ue003 \ue011\ue002",
        "Inv\ufffdice f\ufffdr del\ufffdvery",
        "".join(chr((ord(c) - 94) % 26 + 97) if c.isalpha() else c for c in ENGLISH.lower()),  # three letters on
        " ".join(ENGLISH.replace(" ", "")),
    ],
)
def test_a_layer_of_codes_or_strewn_letters_is_not_sound_and_says_nothing(text: str) -> None:
    layer = layer_of(text) if text else LayerWords.of([])
    assert not is_sound(layer.words)
    read = value("Invoice", letters=20)
    assert judge_all([read], layer, {}) == [read]


def test_a_layer_that_clashes_with_most_values_mends_none() -> None:
    layer = layer_of("alpha one", "beta two", "gamma three", "delta four", "Acme Paper Ltd")
    wrong = [value(text, line=n, letters=11) for n, text in enumerate(["12.00", "17.50", "Berlin", "Paris"], 1)]
    near = value("Acne Paper Ltd", line=5)
    *others, last = judge_all([*wrong, near], layer, {})
    assert {other.layer for other in others} == {CLASHES}
    assert (last.raw, last.seen, last.layer) == ("Acne Paper Ltd", None, CLASHES)


def test_one_clash_among_values_that_agree_keeps_no_near_miss_from_being_mended() -> None:
    layer = layer_of("alpha one", "Berlin", "Acme Paper Ltd")
    read = [value("12.00", 1, letters=9), value("Berlin", 2), value("Acne Paper Ltd", 3)]
    assert [v.layer for v in judge_all(read, layer, {})] == [CLASHES, AGREES, SNAPPED]


def test_a_line_from_right_to_left_is_read_from_right_to_left() -> None:
    words = [("מכתב", 0.3), ("חדש", 0.2)]
    layer = LayerWords.of((text, x, 0.1, x + 0.05, 0.12) for text, x in reversed(words))
    letter = replace(value("מכתב חדש"), box=Box(0.19, 0.095, 0.36, 0.125))
    assert judge(letter, layer, FieldKind.TEXT).layer is AGREES


def test_edits_are_counted_up_to_a_limit() -> None:
    assert [edits("kitten", "sitting", most) for most in (2, 3, 9)] == [3, 3, 3]
    assert edits("", "abc", 3) == 3
    assert edits("a" * 100, "b" * 100, 2) == 3
