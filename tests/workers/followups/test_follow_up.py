import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.followups import Meant, Rule, Told, follow_up

ACME = Told("How many invoices did Acme send in 2022?", "2", ("a", "b"))
TOTAL = Told("What is the total of Acme Ltd in 2022?", "12.00", ("a",))
NUMBER = Told("What is the total of invoice 4711?", "12.00", ("a",))
RENT = Told("What is the rent in the contract?", "900", ("a",))
SIGNED = Told("Who signed the contract?", "Jane Smith", ("a",))
VENDOR = Told("Who is the vendor?", "Meyer GmbH", ("a",))
RECHNUNGEN = Told("Wie viele Rechnungen von Acme gibt es im Jahr 2022?", "2", ("a", "b"))
BETRAG = Told("Wie hoch ist der Betrag der Rechnung von Acme?", "12,00", ("a",))
VERTRAG = Told("Wer hat den Vertrag unterschrieben?", "Jana Schmidt", ("a",))
WORDS = re.findall(
    r"\S+",
    "and und in of von the der die das it its their them which who what when 2022 2023 March Mai Acme GmbH & KG "
    "invoice Rechnungen total due date ? , . 's was ist mit davon es sie INV-12 the second one in total what about",
)
LIEFERANT = Told("Wer ist der Lieferant?", "Meyer GmbH", ("a",))


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        (ACME, "and in 2023?", "How many invoices did Acme send in 2023?"),
        (ACME, "2023?", "How many invoices did Acme send in 2023?"),
        (ACME, "What about 2023?", "How many invoices did Acme send in 2023?"),
        (ACME, "and in March?", "How many invoices did Acme send in March 2022?"),
        (ACME, "and the year before?", "How many invoices did Acme send in 2021?"),
        (ACME, "and since 2023?", "How many invoices did Acme send since 2023?"),
        (ACME, "between March 2023 and May 2023?", "How many invoices did Acme send between March 2023 and May 2023?"),
        (Told("How many receipts are dated 3 May 2022?"), "and 2023?", "How many receipts are dated 3 May 2023?"),
        (Told("How many invoices did Acme send?"), "and in 2023?", "How many invoices did Acme send in 2023?"),
        (RECHNUNGEN, "und 2023?", "Wie viele Rechnungen von Acme gibt es im Jahr 2023?"),
        (RECHNUNGEN, "Und im März 2023?", "Wie viele Rechnungen von Acme gibt es im März 2023?"),
        (RECHNUNGEN, "und im Vorjahr?", "Wie viele Rechnungen von Acme gibt es im Jahr 2021?"),
        (RECHNUNGEN, "Wie sieht es mit 2020 aus?", "Wie viele Rechnungen von Acme gibt es im Jahr 2020?"),
    ],
)
def test_a_time_takes_the_place_of_a_time(before: Told, question: str, meant: str) -> None:
    understood = follow_up(question, [before])
    assert (understood.question, understood.documents, understood.rule) == (meant, None, Rule.PARTS)


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        (TOTAL, "And of Meyer GmbH?", "What is the total of Meyer GmbH in 2022?"),
        (TOTAL, "Meyer GmbH?", "What is the total of Meyer GmbH in 2022?"),
        (TOTAL, "What about Meyer?", "What is the total of Meyer in 2022?"),
        (TOTAL, "and of Meyer GmbH in 2023?", "What is the total of Meyer GmbH in 2023?"),
        (TOTAL, 'and of "the old mill"?', 'What is the total of "the old mill" in 2022?'),
        (Told("What is the total in 2022?"), "and of Acme?", "What is the total of Acme in 2022?"),
        (
            Told("how many invoices of meyer are there?", names=("meyer",)),
            "and of acme?",
            "how many invoices of acme are there?",
        ),
        (RECHNUNGEN, "und von Meyer GmbH?", "Wie viele Rechnungen von Meyer GmbH gibt es im Jahr 2022?"),
        (RECHNUNGEN, "Was ist mit Schulze & Söhne?", "Wie viele Rechnungen von Schulze & Söhne gibt es im Jahr 2022?"),
    ],
)
def test_a_name_takes_the_place_of_a_name(before: Told, question: str, meant: str) -> None:
    understood = follow_up(question, [before])
    assert (understood.question, understood.documents, understood.rule) == (meant, None, Rule.PARTS)


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        (TOTAL, "what about the due date?", "What is the due date of Acme Ltd in 2022?"),
        (NUMBER, "due date?", "What is the due date of invoice 4711?"),
        (NUMBER, "and the IBAN?", "What is the IBAN of invoice 4711?"),
        (Told("When is the rent due?", "on the third", ("a",)), "and the deposit?", "What is the deposit?"),
        (BETRAG, "und das Fälligkeitsdatum?", "Was ist das Fälligkeitsdatum der Rechnung von Acme?"),
        (BETRAG, "Was ist mit der Steuer?", "Wie hoch ist die Steuer der Rechnung von Acme?"),
        (BETRAG, "Rechnungsnummer?", "Was ist die Rechnungsnummer der Rechnung von Acme?"),
    ],
)
def test_a_field_takes_the_place_of_a_field_of_the_same_document(before: Told, question: str, meant: str) -> None:
    understood = follow_up(question, [before])
    assert (understood.question, understood.documents, understood.rule) == (meant, ("a",), Rule.PARTS)


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        (NUMBER, "and invoice 4712?", "What is the total of invoice 4712?"),
        (NUMBER, "and 4712?", "What is the total of invoice 4712?"),
        (ACME, "and receipts?", "How many receipts did Acme send in 2022?"),
        (RECHNUNGEN, "und Verträge?", "Wie viele Verträge von Acme gibt es im Jahr 2022?"),
    ],
)
def test_other_documents_take_the_place_of_documents(before: Told, question: str, meant: str) -> None:
    understood = follow_up(question, [before])
    assert (understood.question, understood.documents) == (meant, None)


@pytest.mark.parametrize(
    ("before", "question", "meant", "documents"),
    [
        (RENT, "who signed it?", "Who signed the contract?", ("a",)),
        (NUMBER, "When was it paid?", "When was the invoice paid?", ("a",)),
        (NUMBER, "What is its due date?", "What is the due date of the invoice?", ("a",)),
        (NUMBER, "its due date?", "What is the due date of the invoice?", ("a",)),
        (NUMBER, "Who sent this invoice?", "Who sent the invoice?", ("a",)),
        (Told("What is the total?", "12.00", ("a",)), "who signed it?", "Who signed the document?", ("a",)),
        (VENDOR, "What is their IBAN?", "What is the IBAN of Meyer GmbH?", ("a",)),
        (SIGNED, "What else did she sign?", "What else did Jane Smith sign?", ("a",)),
        (ACME, "which of them is the largest?", "Which of the invoices is the largest?", ("a", "b")),
        (ACME, "Are they paid?", "Are the invoices paid?", ("a", "b")),
        (ACME, "who signed the second one?", "Who signed the invoice?", ("b",)),
        (ACME, "What is the total of the last one?", "What is the total of the invoice?", ("b",)),
        (BETRAG, "Wer hat sie unterschrieben?", "Wer hat die Rechnung unterschrieben?", ("a",)),
        (BETRAG, "Wann war das?", "Wann war die Rechnung?", ("a",)),
        (VERTRAG, "Was steht in diesem Vertrag?", "Was steht in dem Vertrag?", ("a",)),
        (LIEFERANT, "Wie lautet ihre IBAN?", "Wie lautet die IBAN von Meyer GmbH?", ("a",)),
        (LIEFERANT, "und deren IBAN?", "Was ist die IBAN von Meyer GmbH?", ("a",)),
        (RECHNUNGEN, "Welche davon ist die größte?", "Welche von den Rechnungen ist die größte?", ("a", "b")),
    ],
)
def test_a_word_that_points_back_is_bound_to_the_last_answer(
    before: Told, question: str, meant: str, documents: tuple[str, ...]
) -> None:
    understood = follow_up(question, [before])
    assert (understood.question, understood.documents, understood.rule) == (meant, documents, Rule.POINTS)


def test_the_sum_is_asked_of_all_documents_of_the_last_answer() -> None:
    for question in ("how much is that in total?", "and in total?", "How much altogether?"):
        understood = follow_up(question, [ACME])
        assert (understood.question, understood.documents) == ("What is the total of the invoices?", ("a", "b"))
    assert follow_up("Und insgesamt?", [RECHNUNGEN]).question == "Wie hoch ist die Summe der Rechnungen?"


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        (SIGNED, "and when?", "When was the contract signed?"),
        (SIGNED, "When was that?", "When was the contract signed?"),
        (VERTRAG, "Und wann?", "Wann wurde der Vertrag unterschrieben?"),
    ],
)
def test_when_is_asked_of_what_was_done(before: Told, question: str, meant: str) -> None:
    understood = follow_up(question, [before])
    assert (understood.question, understood.documents) == (meant, ("a",))


@pytest.mark.parametrize(
    "question",
    [
        "What is the IBAN of Acme?",
        "How many contracts are there?",
        "Is there a receipt of 2023?",
        "In which year was the lease signed?",
        "Wie viele Verträge gibt es?",
        "Welche Rechnungen sind bis Mai 2023 bezahlt?",
        "List all invoices that Acme sent in 2023",
    ],
)
def test_a_whole_question_stands_by_itself(question: str) -> None:
    for before in (TOTAL, ACME, BETRAG, RECHNUNGEN):
        assert follow_up(question, [before]) == Meant(question, Rule.WHOLE, "It stands by itself.")


def test_a_whole_question_that_goes_on_and_names_nothing_is_about_the_last_answer() -> None:
    understood = follow_up("and who is the vendor?", [TOTAL])
    assert (understood.question, understood.documents) == ("Who is the vendor?", ("a",))
    assert follow_up("and who is the vendor of invoice 12?", [TOTAL]).documents is None


def test_the_first_question_is_as_it_was_asked() -> None:
    assert follow_up(" Who signed it? ", []) == Meant("Who signed it?", Rule.FIRST, "It is the first question.")


def test_questions_go_on_from_what_the_one_before_was_understood_as() -> None:
    first = follow_up("and in 2023?", [ACME]).question
    second = follow_up("and from Meyer GmbH?", [ACME, Told(first, "4", ("c",))]).question
    third = follow_up("and receipts?", [ACME, Told(first), Told(second)]).question
    assert first == "How many invoices did Acme send in 2023?"
    assert second == "How many invoices did Meyer GmbH send in 2023?"
    assert third == "How many receipts did Meyer GmbH send in 2023?"


def test_a_pointing_word_looks_past_answers_that_found_nothing() -> None:
    turns = [RENT, Told("Who signed the contract?", None, (), within=("a",)), Told("What is the IBAN of Zet?")]
    understood = follow_up("When does it end?", turns)
    assert (understood.question, understood.documents) == ("When does the contract end?", ("a",))


@pytest.mark.parametrize(
    ("turns", "question", "documents"),
    [
        ([Told("What is the rent?")], "who signed it?", None),  # nothing was answered
        ([ACME], "who signed the third one?", ("a", "b")),  # there are two
        ([ACME], "and why?", None),
        ([ACME], "the second one?", ("b",)),  # what of it?
    ],
)
def test_what_fits_nothing_is_asked_as_it_stands_and_says_so(
    turns: list[Told], question: str, documents: tuple[str, ...] | None
) -> None:
    understood = follow_up(question, turns)
    assert (understood.rule, understood.documents) == (Rule.OPEN, documents)
    assert understood.why


def test_thanks_are_no_question_about_anything_before() -> None:
    assert follow_up("thanks", [TOTAL]).rule is Rule.WHOLE


def test_a_long_question_leaves_nothing_out() -> None:
    long = "and " + "of Acme " * 60
    assert follow_up(long, [TOTAL]) == Meant(long.strip(), Rule.WHOLE, "It is too long to leave anything out.")
    assert follow_up("and in 2023?", [Told("What is " + "the total of Acme " * 30)]).rule is Rule.OPEN


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=10), st.lists(st.sampled_from(WORDS), min_size=1, max_size=10)
)
def test_whatever_is_asked_something_is_understood(asked: list[str], before: list[str]) -> None:
    documents = ("a", "b")
    understood = follow_up(" ".join(asked), [Told(" ".join(before), "Meyer GmbH", documents, names=("acme",))])
    assert understood.why
    assert understood.question
    assert understood.documents is None or set(understood.documents) <= set(documents)
